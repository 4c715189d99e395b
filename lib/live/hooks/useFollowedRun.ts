"use client"

import { useMemo } from "react"
import { useShallow } from "zustand/react/shallow"
import type { FollowedRun } from "@/lib/live/Live"
import { useLive } from "@/lib/live/LiveProvider"
import type { FollowState } from "@/lib/live/run/FollowState"
import type { WireError } from "@/lib/protocol/codes"
import type { Progress, RunSummary, RunTermination } from "@/lib/protocol/run"
import type { TurnOutline } from "@/lib/protocol/turn"
import { type LiveBadge, liveBadge } from "@/lib/trace/state/liveBadge"
import { outlineAt, outlineSlice } from "@/lib/trace/view/OutlineList"
import { type RunView, shownProgress, wholeCursor } from "@/lib/trace/view/RunView"
import { useSharedStore } from "./useSharedStore"

/** The followed run itself: its `store` for canvas drawing, `loadWhole`, bodies. Does not re-render; does not retain. */
export function useFollowedRun(runId: string): FollowedRun {
  const live = useLive()
  return useMemo(() => live.followRun(runId), [live, runId])
}

function useSlice<T>(runId: string, slice: (state: FollowState) => T): T {
  return useSharedStore(useFollowedRun(runId), slice)
}

/** Everything held of a run; another object with each batch of events. For what needs all of it: strip, timeline. */
export function useRunView(runId: string): RunView {
  return useSlice(runId, (state) => state.view)
}

/** The run's own data, its totals and last turn kept current by the turns that arrive; undefined until the first snapshot. */
export function useRunSummary(runId: string): RunSummary | undefined {
  return useSlice(runId, (state) => state.view.run)
}

/** How the run ended; undefined until every turn before the end is held. */
export function useRunEnded(runId: string): RunTermination | undefined {
  return useSlice(runId, (state) => state.view.ended)
}

/** How many turns the run is known to have. */
export function useTurnCount(runId: string): number {
  return useSlice(runId, (state) => state.view.runCursor)
}

/** The cursor up to which the view is whole from the first turn on (`data-view-cursor`). */
export function useViewCursor(runId: string): number {
  return useSlice(runId, (state) => wholeCursor(state.view))
}

/** One turn's outline; undefined while it is not here. */
export function useOutline(runId: string, index: number): TurnOutline | undefined {
  return useSlice(runId, (state) => outlineAt(state.view.outlines, index))
}

/** The known outlines of `[from, to)`; the same array until one of them changes. */
export function useOutlineRange(runId: string, from: number, to: number): readonly TurnOutline[] {
  return useSlice(
    runId,
    useShallow((state: FollowState) => outlineSlice(state.view.outlines, from, to)),
  )
}

/** The turn being made (its ghost row), if every turn before it is here. */
export function useProgress(runId: string): { index: number; progress: Progress } | undefined {
  return useSlice(runId, (state) => shownProgress(state.view))
}

/** Why the run can't be followed: `not_found`, `forbidden`, … */
export function useRunError(runId: string): WireError | undefined {
  return useSlice(runId, (state) => (state.phase === "error" ? state.error : undefined))
}

/** The honest badge; `paused` and `at` (a rewound cursor) are the reader's own. The same object until it says something else. */
export function useLiveBadge(
  runId: string,
  reader: { paused?: boolean; at?: number | undefined },
): LiveBadge {
  return useSlice(
    runId,
    useShallow((state: FollowState) =>
      liveBadge({ view: state.view, connected: state.subscribed, ...reader }),
    ),
  )
}
