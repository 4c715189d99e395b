"use client"

import { useCallback, useSyncExternalStore } from "react"

/** Whether a media query holds; false until the page is mounted. */
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

/** A phone's width: rows have two lines. */
export function usePhone(): boolean {
  return useMedia("(max-width: 639.9px)")
}

/** Whether fingers point. */
export function useCoarse(): boolean {
  return useMedia("(pointer: coarse)")
}

/** The height of a one-line row in CSS pixels: 28, or 32 where fingers point. The same as `--row`. */
export function useRowHeight(): number {
  return useCoarse() ? 32 : 28
}
