"use client"

import { useEffect, useLayoutEffect, useRef } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { announce } from "@/components/shell/announce"
import { useFollowedRun, useRunSummary, useViewCursor } from "@/lib/live/hooks/useFollowedRun"

/**
 * Marks what the reader has seen when the run arrives, and says aloud what comes after. A run that has ended is read from
 * its first turn. Stands before the turns, so that it acts before they scroll; it draws nothing.
 */
export function RunBegin() {
  const { reader, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  const cursor = useViewCursor(runId)
  const errors = useRunSummary(runId)?.totals.errors ?? 0
  const said = useRef<{ cursor: number; errors: number }>(undefined)
  useLayoutEffect(() => {
    const { view } = followed.store.getState()
    if (view.run !== undefined && view.run.status !== "in_progress") reader.pause(view.runCursor)
  }, [reader, followed])
  useEffect(() => {
    const { view } = followed.store.getState()
    if (view.run === undefined || view.base > 0 || view.cursor < view.runCursor) return
    reader.begin(view.cursor)
    const last = said.current
    said.current = { cursor, errors }
    if (last === undefined) return
    announce("new turn", cursor - last.cursor)
    announce("error", errors - last.errors)
  }, [reader, followed, cursor, errors])
  return null
}
