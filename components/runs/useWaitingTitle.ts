"use client"

import { useEffect } from "react"
import { useRunCounts } from "@/lib/live/useRuns"

const BADGED = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="6" fill="#0b0f17"/><path d="M7 9h11M7 16h18M7 23h6" stroke="#4c9aff" stroke-width="3.5" stroke-linecap="round"/><circle cx="23" cy="9" r="8" fill="#f5b83d" stroke="#0b0f17" stroke-width="2"/></svg>',
)}`

/** The tab says how many runs wait for a person, in its title and by a mark on its icon. */
export function useWaitingTitle(): void {
  const counts = useRunCounts()
  const waiting = counts?.waiting ?? 0
  const live = counts?.in_progress ?? 0
  useEffect(() => {
    const said = waiting > 0 ? `(${waiting} waiting) ` : live > 0 ? `(${live} live) ` : ""
    document.title = `${said}Runs · Turnline`
  }, [waiting, live])
  const badged = waiting > 0
  useEffect(() => {
    if (!badged) return
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]')
    if (icon === null) return
    const plain = icon.href
    icon.href = BADGED
    return () => {
      icon.href = plain
    }
  }, [badged])
}
