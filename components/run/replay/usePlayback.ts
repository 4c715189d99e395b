"use client"

import { useEffect } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { RunAxis } from "@/components/run/timeline/axis/useTimeAxis"
import { useFollowedRun } from "@/lib/live/hooks/useFollowedRun"
import { fromAxis, timeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { play, replayFrom, replayPlace } from "@/lib/timeline/replay/Replay"
import { cursorBy, timeOfCursor } from "@/lib/timeline/rows/turnAt"

const STEP_MS = 50

/** Moves the rewound cursor on while the run is played, idle stretches shortened; at the end the reader is live again. */
export function usePlayback(run: RunAxis): void {
  const { reader, runId } = useRunPageStore()
  const followed = useFollowedRun(runId)
  const speed = useRunPageState((state) => state.speed)
  const { startMs } = run.axis
  const gapKey = run.gaps.map((gap) => gap.from).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: playing starts afresh with another speed, not with each turn that it shows
  useEffect(() => {
    if (speed === undefined) return
    const { view } = followed.store.getState()
    const last = timeOfCursor(view.outlines, view.cursor) ?? startMs
    const axis = timeAxis(startMs, last, run.gaps)
    const endPlace = toAxis(axis, last)
    const fromMs = timeOfCursor(view.outlines, reader.store.getState().at ?? 0)
    const from = fromMs === undefined ? 0 : Math.max(0, toAxis(axis, fromMs))
    const replay = { ...play(replayFrom(from), performance.now(), 0, endPlace), speed }
    const timer = setInterval(() => {
      const now = followed.store.getState().view
      const place = replayPlace(replay, performance.now(), endPlace)
      const at = cursorBy(now, fromAxis(axis, place))
      if (place >= endPlace) return reader.goLive()
      if (at !== reader.store.getState().at) reader.rewind(at)
    }, STEP_MS)
    return () => clearInterval(timer)
  }, [reader, followed, speed, startMs, gapKey])
}

/** Starts playing from where the reader is (from the first turn, at the end), or stops. */
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
