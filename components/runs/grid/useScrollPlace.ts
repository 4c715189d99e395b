"use client"

import { useCallback, useEffect, useRef } from "react"

type Place = { scrollY: number; runId: string }
const KEY = "turnline_place"

/**
 * Restores the scroll position and the active row after going back from a run. They are stored in the history entry, so
 * a new visit starts at the top.
 *
 * @param isReady true once the rows have loaded.
 * @returns a function that stores them. Call it before opening a run.
 */
export function useScrollPlace(
  isReady: boolean,
  onRestore: (runId: string) => void,
): (runId: string) => void {
  const isDone = useRef(false)
  useEffect(() => {
    if (!isReady || isDone.current) return
    isDone.current = true
    const place = readPlace()
    if (place === undefined) return
    onRestore(place.runId)
    // Deferred, so that it happens after the router's own scrolling.
    const frame = requestAnimationFrame(() => window.scrollTo({ top: place.scrollY }))
    return () => cancelAnimationFrame(frame)
  }, [isReady, onRestore])
  return useCallback((runId: string) => {
    const place: Place = { scrollY: window.scrollY, runId }
    window.history.replaceState({ ...window.history.state, [KEY]: place }, "")
  }, [])
}

function readPlace(): Place | undefined {
  const place: unknown = window.history.state?.[KEY]
  if (typeof place !== "object" || place === null) return undefined
  const { scrollY, runId } = place as Partial<Place>
  return typeof scrollY === "number" && typeof runId === "string" ? { scrollY, runId } : undefined
}
