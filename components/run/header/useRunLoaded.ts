"use client"

import { useEffect, useLayoutEffect, useRef } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { announce } from "@/components/shell/announce"
import { useFollowedRun, useRunSummary, useViewCursor } from "@/lib/live/hooks/useFollowedRun"

/**
 * Sets the view's starting point once the run has loaded, and announces new turns to screen readers. An ended run is
 * shown from its first turn. Use this hook before the turns render, so that it takes effect before they scroll.
 */
export function useRunLoaded(): void {
  const { page, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  const cursor = useViewCursor(runId)
  const errors = useRunSummary(runId)?.totals.errors ?? 0
  const announced = useRef<{ cursor: number; errors: number }>(undefined)
  useLayoutEffect(() => {
    const { view } = followed.store.getState()
    if (view.run !== undefined && view.run.status !== "in_progress") page.pause(view.runCursor)
  }, [page, followed])
  useEffect(() => {
    const { view } = followed.store.getState()
    if (view.run === undefined || view.base > 0 || view.cursor < view.runCursor) return
    page.setLoaded(view.cursor)
    const previous = announced.current
    announced.current = { cursor, errors }
    if (previous === undefined) return
    announce("new turn", cursor - previous.cursor)
    announce("error", errors - previous.errors)
  }, [page, followed, cursor, errors])
}
