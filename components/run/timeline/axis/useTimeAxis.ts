"use client"

import { useMemo } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { RunTree } from "@/components/run/useRunTree"
import { type IdleGap, idleGaps } from "@/lib/timeline/axis/idleGaps"
import { type TimeAxis, timeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { runBounds } from "@/lib/timeline/rows/runBounds"
import { sortedSpans } from "@/lib/timeline/rows/turnSpan"
import type { AxisEnd } from "./createAxisView"

export type RunAxis = {
  axis: TimeAxis
  end: AxisEnd
  /** Idle gaps that are worth folding, folded or not. */
  gaps: readonly IdleGap[]
}

const NO_GAPS: readonly IdleGap[] = []

/**
 * Returns the time axis of the whole run, even during a replay. `axis` keeps its identity until the start time or the
 * folds change.
 */
export function useTimeAxis(tree: RunTree): RunAxis {
  const { runId } = useRunPageStore()
  const folds = useRunPageState((state) => state.foldsGaps)
  const view = tree.views.get(runId)
  const { startMs, endMs } = runBounds(view)
  const gaps = useMemo(
    // Until all turns are loaded, no gap is folded, because missing turns may belong in it.
    () =>
      view === undefined || view.base > 0
        ? NO_GAPS
        : idleGaps(sortedSpans(view.outlines, view.cursor), startMs, endMs),
    [view, startMs, endMs],
  )
  const foldKey = folds ? gaps.map((gap) => `${gap.from}-${gap.to}`).join() : ""
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key identifies the gaps; a later end doesn't move any position
  const axis = useMemo(() => timeAxis(startMs, endMs, folds ? gaps : NO_GAPS), [startMs, foldKey])
  const isLive = view?.run?.status === "in_progress"
  const position = toAxis(axis, endMs)
  const end = useMemo(() => ({ position, isLive }), [position, isLive])
  return { axis, end, gaps }
}
