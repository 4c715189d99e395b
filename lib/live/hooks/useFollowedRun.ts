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

/**
 * Returns the followed run itself. For canvas drawing, turn bodies and `loadWhole`. Neither re-renders the component
 * nor retains the run.
 */
export function useFollowedRun(runId: string): FollowedRun {
  const live = useLive()
  return useMemo(() => live.followRun(runId), [live, runId])
}

function useSlice<T>(runId: string, slice: (state: FollowState) => T): T {
  return useSharedStore(useFollowedRun(runId), slice)
}

/** Returns the whole view of a run, a new object with each batch of events. For the minimap and the timeline. */
export function useRunView(runId: string): RunView {
  return useSlice(runId, (state) => state.view)
}

/** Returns the run's summary, with totals updated as turns arrive. Undefined until the first snapshot. */
export function useRunSummary(runId: string): RunSummary | undefined {
  return useSlice(runId, (state) => state.view.run)
}

/** Returns the number of turns that the run is known to have. */
export function useTurnCount(runId: string): number {
  return useSlice(runId, (state) => state.view.runCursor)
}

/** Returns the cursor up to which the view has every turn, starting with the first (`data-view-cursor`). */
export function useViewCursor(runId: string): number {
  return useSlice(runId, (state) => wholeCursor(state.view))
}

/** Returns one turn's outline, or undefined until it has arrived. */
export function useOutline(runId: string, index: number): TurnOutline | undefined {
  return useSlice(runId, (state) => outlineAt(state.view.outlines, index))
}

/** Returns the pending turn, if every turn before it has arrived. */
export function useProgress(runId: string): { index: number; progress: Progress } | undefined {
  return useSlice(runId, (state) => shownProgress(state.view))
}

/** Returns why the run can't be followed: `not_found`, `forbidden`, … */
export function useRunError(runId: string): WireError | undefined {
  return useSlice(runId, (state) => (state.phase === "error" ? state.error : undefined))
}

/** Returns how complete and current the view is. The viewer chooses `paused` and `at` (a replayed cursor). */
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
