"use client"

import { useSyncExternalStore } from "react"

const nothing = () => () => {}

/** False while the server renders and while the browser takes that over; true from then on. */
export function useMounted(): boolean {
  return useSyncExternalStore(
    nothing,
    () => true,
    () => false,
  )
}
