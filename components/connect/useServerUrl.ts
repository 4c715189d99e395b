"use client"

import { useSyncExternalStore } from "react"
import { basePath } from "@/lib/live/pagePath"

const subscribeNever = () => () => {}

/** Returns the server's URL as this browser reaches it, or a placeholder until the page is mounted. */
export function useServerUrl(): string {
  return useSyncExternalStore(
    subscribeNever,
    () => location.origin + basePath(),
    () => "http://127.0.0.1:3000",
  )
}
