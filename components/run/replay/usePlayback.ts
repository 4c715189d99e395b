"use client"

import { useEffect } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { RunAxis } from "@/components/run/timeline/axis/useTimeAxis"
import { useFollowedRun } from "@/lib/live/hooks/useFollowedRun"
import { fromAxis, timeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { replayPosition } from "@/lib/timeline/replay/Replay"
import { cursorAtTime, cursorTime } from "@/lib/timeline/rows/turnAt"

const STEP_MS = 50

/** Advances the replayed cursor while a replay is playing, with idle gaps shortened. At the end the page is live again. */
export function usePlayback(run: RunAxis): void {
  const { reader, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  const speed = useRunPageState((state) => state.speed)
  const { startMs } = run.axis
  const gapKey = run.gaps.map((gap) => gap.from).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: restarts with another speed or axis, not with each turn it shows
  useEffect(() => {
    if (speed === undefined) return
    const { view } = followed.store.getState()
    const endTime = cursorTime(view.outlines, view.cursor) ?? startMs
    const axis = timeAxis(startMs, endTime, run.gaps)
    const end = toAxis(axis, endTime)
    const fromTime = cursorTime(view.outlines, reader.store.getState().at ?? 0)
    const position = fromTime === undefined ? 0 : Math.max(0, toAxis(axis, fromTime))
    const replay = { speed, position: position >= end ? 0 : position, startedAt: performance.now() }
    const timer = setInterval(() => {
      const current = followed.store.getState().view
      const now = replayPosition(replay, performance.now(), end)
      const at = cursorAtTime(current, fromAxis(axis, now))
      if (now >= end) return reader.goLive()
      if (at !== reader.store.getState().at) reader.rewind(at)
    }, STEP_MS)
    return () => clearInterval(timer)
  }, [reader, followed, speed, startMs, gapKey])
}

/** Starts a replay from the current cursor (from the first turn, if at the end), or pauses it. */
export function usePlayToggle(): () => void {
  const { reader, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  return () => {
    const { speed, at } = reader.store.getState()
    if (speed !== undefined) return reader.play(undefined)
    const { cursor } = followed.store.getState().view
    if (at === undefined || at >= cursor) reader.rewind(0)
    reader.play(10)
  }
}
