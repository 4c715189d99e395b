"use client"

import { useSyncExternalStore } from "react"

const never = () => () => {}

/** The server's address as this reader reaches it; a stand-in until the page is mounted. */
export function useOrigin(): string {
  return useSyncExternalStore(
    never,
    () => location.origin,
    () => "http://127.0.0.1:3000",
  )
}
