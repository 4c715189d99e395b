"use client"

import { useEffect } from "react"
import { useIconBadge } from "@/components/shell/useIconBadge"
import { useRunCounts } from "@/lib/live/hooks/useRuns"

/** The tab says how many runs wait for a person, in its title and by a mark on its icon. */
export function useWaitingTitle(): void {
  const counts = useRunCounts()
  const waiting = counts?.waiting ?? 0
  const live = counts?.in_progress ?? 0
  useIconBadge(waiting > 0)
  useEffect(() => {
    const said = waiting > 0 ? `(${waiting} waiting) ` : live > 0 ? `(${live} live) ` : ""
    document.title = `${said}Runs · Turnline`
  }, [waiting, live])
}
