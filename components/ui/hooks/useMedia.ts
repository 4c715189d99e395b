"use client"

import { useCallback, useSyncExternalStore } from "react"

/** Returns whether a media query matches. False until the page is mounted. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query)
      media.addEventListener("change", listener)
      return () => media.removeEventListener("change", listener)
    },
    [query],
  )
  return useSyncExternalStore(
    subscribe,
    () => matchMedia(query).matches,
    () => false,
  )
}

/** Returns whether the screen is as narrow as a phone, where rows have two lines. */
export function usePhone(): boolean {
  return useMedia("(max-width: 639.9px)")
}

/** Returns whether the pointer is a finger. */
export function useCoarse(): boolean {
  return useMedia("(pointer: coarse)")
}

/** Returns the height of a one-line row in CSS pixels: 28, or 32 for touch. The same as `--row`. */
export function useRowHeight(): number {
  return useCoarse() ? 32 : 28
}
