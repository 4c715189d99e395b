"use client"

import { useMemo } from "react"
import { useShallow } from "zustand/react/shallow"
import type { FollowedRun } from "@/lib/live/Live"
import { useLive } from "@/lib/live/LiveProvider"
import type { FollowState } from "@/lib/live/run/FollowState"
import type { WireError } from "@/lib/protocol/codes"
import type { Progress, RunSummary } from "@/lib/protocol/run"
import type { TurnOutline } from "@/lib/protocol/turn"
import { type LiveBadge, liveBadge } from "@/lib/trace/state/liveBadge"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import { type RunView, shownProgress, wholeCursor } from "@/lib/trace/view/RunView"
import { useSharedStore } from "./useSharedStore"

/** The followed run itself: its `store` for canvas drawing, `loadWhole`, bodies. Neither re-renders nor retains. */
export function useFollowedRun(runId: string): FollowedRun {
  const live = useLive()
  return useMemo(() => live.followRun(runId), [live, runId])
}

function useSlice<T>(runId: string, slice: (state: FollowState) => T): T {
  return useSharedStore(useFollowedRun(runId), slice)
}

/** The whole view of a run: a new object with each batch of events. For what needs all of it (minimap, timeline). */
export function useRunView(runId: string): RunView {
  return useSlice(runId, (state) => state.view)
}

/** The run's summary, with totals updated as turns arrive. Undefined until the first snapshot. */
export function useRunSummary(runId: string): RunSummary | undefined {
  return useSlice(runId, (state) => state.view.run)
}

/** The number of turns that the run is known to have. */
export function useTurnCount(runId: string): number {
  return useSlice(runId, (state) => state.view.runCursor)
}

/** The cursor up to which the view has every turn from the first on (`data-view-cursor`). */
export function useViewCursor(runId: string): number {
  return useSlice(runId, (state) => wholeCursor(state.view))
}

/** One turn's outline; undefined until it has arrived. */
export function useOutline(runId: string, index: number): TurnOutline | undefined {
  return useSlice(runId, (state) => outlineAt(state.view.outlines, index))
}

/** The pending turn, if every turn before it has arrived. */
export function useProgress(runId: string): { index: number; progress: Progress } | undefined {
  return useSlice(runId, (state) => shownProgress(state.view))
}

/** Why the run can't be followed: `not_found`, `forbidden`, … */
export function useRunError(runId: string): WireError | undefined {
  return useSlice(runId, (state) => (state.phase === "error" ? state.error : undefined))
}

/** How complete and current the view is. `paused` and `at` (a replayed cursor) are the viewer's choice. The same object until it changes. */
export function useLiveBadge(
  runId: string,
  choice: { paused?: boolean; at?: number | undefined },
): LiveBadge {
  return useSlice(
    runId,
    useShallow((state: FollowState) =>
      liveBadge({ view: state.view, connected: state.subscribed, ...choice }),
    ),
  )
}
