"use client"

import { useCallback, useSyncExternalStore } from "react"

const NARROW = "(max-width: 639px)"
const COARSE = "(pointer: coarse)"

/** Whether a media query holds, now and as it changes. False while the server renders. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = window.matchMedia(query)
      media.addEventListener("change", listener)
      return () => media.removeEventListener("change", listener)
    },
    [query],
  )
  return useSyncExternalStore(
    subscribe,
    () => window.matchMedia(query).matches,
    () => false,
  )
}

/** Whether the screen is so narrow that rows are stacked and the inspector is a sheet. */
export function useNarrow(): boolean {
  return useMedia(NARROW)
}

/** How high a row of the timeline is. */
export function useRowPx(): number {
  const coarse = useMedia(COARSE)
  const narrow = useNarrow()
  if (narrow) return 48
  return coarse ? 32 : 28
}
