"use client"

import { useEffect, useLayoutEffect, useRef } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"

/**
 * Hands the place over between timeline and transcript: on leaving, the turn that stands at the top is kept; on coming, a
 * reader who neither follows nor has a turn selected is brought there.
 */
export function useKeptPlace(
  scroller: HTMLElement | null,
  topTurn: (scroller: HTMLElement) => number | undefined,
  goTo: (index: number) => void,
): void {
  const { reader } = useRunPageStore()
  const latest = useRef({ topTurn, goTo })
  useEffect(() => {
    latest.current = { topTurn, goTo }
  })
  useLayoutEffect(() => {
    if (scroller === null) return
    // The element still has its scroll when a layout effect is undone.
    return () => reader.leaveAt(latest.current.topTurn(scroller))
  }, [reader, scroller])
  useEffect(() => {
    const { place, following, selected } = reader.store.getState()
    if (scroller !== null && place !== undefined && !following && selected === undefined) {
      latest.current.goTo(place)
    }
  }, [reader, scroller])
}
