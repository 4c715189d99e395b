"use client"

import { useEffect } from "react"
import { replayCursor } from "@/components/run/createRunPageStore"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { RunAxis } from "@/components/run/timeline/axis/useTimeAxis"
import { useFollowedRun } from "@/lib/live/hooks/useFollowedRun"
import { fromAxis, timeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { replayPosition } from "@/lib/timeline/replay/Replay"
import { cursorAtTime, cursorTime } from "@/lib/timeline/rows/turnAt"

const STEP_MS = 50
const INITIAL_SPEED = 10

/** Advances the replay while it plays, with idle gaps shortened. At the end, the page becomes live again. */
export function usePlayback(run: RunAxis): void {
  const { page, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  const speed = useRunPageState(({ mode }) => (mode.kind === "replaying" ? mode.speed : undefined))
  const { startMs } = run.axis
  const gapKey = run.gaps.map((gap) => gap.from).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: restarts when speed or axis change, not for each turn that it shows
  useEffect(() => {
    if (speed === undefined) return
    const { view } = followed.store.getState()
    const endTime = cursorTime(view.outlines, view.cursor) ?? startMs
    const axis = timeAxis(startMs, endTime, run.gaps)
    const end = toAxis(axis, endTime)
    const fromTime = cursorTime(view.outlines, replayCursor(page.store.getState()) ?? 0)
    const from = fromTime === undefined ? 0 : Math.max(0, toAxis(axis, fromTime))
    const replay = { speed, position: from >= end ? 0 : from, startedAt: performance.now() }
    const timer = setInterval(() => {
      const position = replayPosition(replay, performance.now(), end)
      const cursor = cursorAtTime(followed.store.getState().view, fromAxis(axis, position))
      if (position >= end) page.goLive()
      else if (cursor !== replayCursor(page.store.getState())) page.replay(cursor)
    }, STEP_MS)
    return () => clearInterval(timer)
  }, [page, followed, speed, startMs, gapKey])
}

/**
 * Returns a function that pauses, or plays from the current cursor, or from the first turn if the cursor is at the end.
 */
export function usePlayToggle(): () => void {
  const { page, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  return () => {
    const { mode } = page.store.getState()
    if (mode.kind === "replaying" && mode.speed !== undefined) return page.play(undefined)
    const { cursor } = followed.store.getState().view
    if (mode.kind !== "replaying" || mode.cursor >= cursor) page.replay(0)
    page.play(INITIAL_SPEED)
  }
}
