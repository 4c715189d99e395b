"use client"

import { Command } from "cmdk"
import { useRouter } from "next/navigation"
import { useMemo, useState } from "react"
import { useStore } from "zustand"
import { shell } from "@/components/shell/shellStore"
import { strings } from "@/components/shell/strings"
import { toggleTheme } from "@/components/shell/theme"
import { Dialog } from "@/components/ui/Dialog"
import { useLive } from "@/lib/live/LiveProvider"
import { pagePath } from "@/lib/live/pagePath"
import { GoToItem } from "./GoToItem"
import { type GoToOption, goToOptions } from "./goToOptions"
import { useFoundRuns } from "./useFoundRuns"

const TEXT = strings.goTo
const OTHERS: readonly GoToOption[] = [
  { kind: "page", key: "page runs", label: strings.nav.runs, hint: "", href: pagePath("/") },
  { kind: "page", key: "page compare", label: TEXT.compare, hint: "", href: pagePath("/compare") },
  { kind: "page", key: "page connect", label: TEXT.connect, hint: "", href: pagePath("/connect") },
  { kind: "action", key: "theme", label: TEXT.toggleTheme, hint: "t", act: toggleTheme },
  {
    kind: "action",
    key: "keys",
    label: strings.keys.title,
    hint: "?",
    act: () => shell.setState({ keysOpen: true }),
  },
]

const setOpen = (goToOpen: boolean) => shell.setState({ goToOpen })

/** Opens a run, an agent or a page by name (Ctrl or Cmd K). */
export function GoToDialog() {
  const open = useStore(shell, (state) => state.goToOpen)
  return (
    <Dialog open={open} onOpenChange={setOpen} title={TEXT.title} bare className="max-w-4xl">
      <GoTo />
    </Dialog>
  )
}

function GoTo() {
  const router = useRouter()
  const live = useLive()
  const [query, setQuery] = useState("")
  const { runs, searching } = useFoundRuns(query)
  // Known runs are read once per query, because entries must not move when data arrives.
  const options = useMemo(
    () => goToOptions(query, live.runs.getState().byId.values(), runs, OTHERS),
    [query, runs, live],
  )
  const go = (option: GoToOption) => {
    setOpen(false)
    if (option.kind === "action") option.act()
    else router.push(option.href)
  }
  return (
    <Command label={TEXT.field} shouldFilter={false} vimBindings={false} loop className="contents">
      <Command.Input
        placeholder={TEXT.placeholder}
        value={query}
        onValueChange={setQuery}
        className="h-11 w-full shrink-0 border-b border-line bg-transparent px-4 text-title outline-none"
      />
      <Command.List label={TEXT.results} className="min-h-24 overflow-y-auto p-1">
        {options.map((option) => (
          <GoToItem key={option.key} option={option} onSelect={() => go(option)} />
        ))}
        {options.length === 0 ? (
          <p className="px-3 py-4 text-ink-3">{searching ? TEXT.searching : TEXT.noResults}</p>
        ) : null}
      </Command.List>
    </Command>
  )
}
