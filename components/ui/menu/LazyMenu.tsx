"use client"

import { cloneElement, type KeyboardEvent, useState } from "react"
import { useOnDemand } from "@/components/ui/hooks/useOnDemand"
import type { LazyMenuProps } from "./MenuEntry"

const loadMenu = () => import("./EntryMenu").then((module) => module.EntryMenu)
const prefetch = () => void loadMenu().catch(() => undefined)

/** A menu whose script is loaded when it is first opened, because menus are a large part of a page's scripts. */
export function LazyMenu({ trigger, entries }: LazyMenuProps) {
  const [isWanted, setWanted] = useState(false)
  const EntryMenu = useOnDemand(isWanted, loadMenu)
  if (EntryMenu !== undefined) return <EntryMenu trigger={trigger} entries={entries} />
  return cloneElement(trigger, {
    "aria-haspopup": "menu",
    "aria-expanded": false,
    onPointerEnter: prefetch,
    onFocus: prefetch,
    onClick: () => setWanted(true),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === "ArrowDown") setWanted(true)
    },
  })
}
