"use client"

import { useSyncExternalStore } from "react"

const subscribeNever = () => () => {}

/** Returns true if the platform uses the ⌘ key. False until the page is mounted. */
export function useIsMac(): boolean {
  return useSyncExternalStore(
    subscribeNever,
    () => /mac|iphone|ipad/i.test(navigator.userAgent),
    () => false,
  )
}
