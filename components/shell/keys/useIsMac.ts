"use client"

import { useSyncExternalStore } from "react"

const subscribeNever = () => () => {}

/** True if the platform uses the ⌘ key; false until the page is mounted. */
export function useIsMac(): boolean {
  return useSyncExternalStore(
    subscribeNever,
    () => /mac|iphone|ipad/i.test(navigator.userAgent),
    () => false,
  )
}
