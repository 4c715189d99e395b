"use client"

import { useSyncExternalStore } from "react"

const never = () => () => {}

/** Whether the reader's command key is ⌘; false until the page is mounted. */
export function useIsMac(): boolean {
  return useSyncExternalStore(
    never,
    () => /mac|iphone|ipad/i.test(navigator.userAgent),
    () => false,
  )
}
