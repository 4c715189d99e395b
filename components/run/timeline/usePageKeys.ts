"use client"

import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { type KeyBindings, useKeys } from "@/components/shell/keys/useKeys"

/** The share of the visible height that PageUp and PageDown scroll. */
const PAGE_SHARE = 0.9

/** Lets PageUp and PageDown scroll the turns and pause following, wherever the focus is except in the inspector. */
export function usePageKeys(scroller: HTMLElement | null, cursor: number): void {
  const { page } = useRunPageStore()
  const scrollPage = (event: KeyboardEvent, direction: 1 | -1) => {
    const isInInspector = event.target instanceof Element && event.target.closest("aside") !== null
    if (scroller === null || isInInspector) return false
    page.pause(cursor)
    scroller.scrollBy({ top: direction * scroller.clientHeight * PAGE_SHARE })
    return true
  }
  const bindings: KeyBindings = Object.fromEntries<KeyBindings[string]>([
    ["PageUp", (event) => scrollPage(event, -1)],
    ["PageDown", (event) => scrollPage(event, 1)],
  ])
  useKeys(bindings)
}
