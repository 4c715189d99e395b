"use client"

import { useEffect, useLayoutEffect, useRef } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"

/**
 * Keeps the reading position when switching between timeline and transcript: stores the topmost turn, and scrolls to it
 * in the other part, unless the page follows the live edge or a turn is selected.
 */
export function useScrollHandover(
  scroller: HTMLElement | null,
  topTurn: (scroller: HTMLElement) => number | undefined,
  scrollTo: (index: number) => void,
): void {
  const { page } = useRunPageStore()
  const latest = useRef({ topTurn, scrollTo })
  useEffect(() => {
    latest.current = { topTurn, scrollTo }
  })
  useLayoutEffect(() => {
    if (scroller === null) return
    // During the cleanup of a layout effect, the element still has its scroll position.
    return () => page.setTopTurn(latest.current.topTurn(scroller))
  }, [page, scroller])
  useEffect(() => {
    const { topTurn: remembered, mode, selected } = page.store.getState()
    if (scroller !== null && remembered !== undefined && mode.kind !== "live" && selected === undefined)
      latest.current.scrollTo(remembered)
  }, [page, scroller])
}
