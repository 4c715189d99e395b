"use client"

import { useSyncExternalStore } from "react"

const subscribeNever = () => () => {}

/** Returns the server's URL as this browser reaches it, or a placeholder until the page is mounted. */
export function useOrigin(): string {
  return useSyncExternalStore(
    subscribeNever,
    () => location.origin,
    () => "http://127.0.0.1:3000",
  )
}
