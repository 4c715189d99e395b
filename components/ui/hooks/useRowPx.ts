"use client"

import { useMedia } from "./useMedia"

const NARROW = "(max-width: 639px)"
const COARSE = "(pointer: coarse)"

/** Returns whether the screen is so narrow that rows have two lines and the inspector is a sheet. */
export function useNarrow(): boolean {
  return useMedia(NARROW)
}

/** Returns the height of a timeline row in CSS pixels. */
export function useRowPx(): number {
  const coarse = useMedia(COARSE)
  const narrow = useNarrow()
  if (narrow) return 48
  return coarse ? 32 : 28
}
