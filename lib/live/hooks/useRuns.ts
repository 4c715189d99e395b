"use client"

import { useCallback, useEffect, useMemo } from "react"
import { useStore } from "zustand"
import { useLive } from "@/lib/live/LiveProvider"
import type { LiveBoardState, RunListState } from "@/lib/live/lists/RunListState"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunCounts, RunSummary } from "@/lib/protocol/run"
import { useSharedStore } from "./useSharedStore"

const whole = <S>(state: S): S => state

/**
 * The list of runs under a filter (compared by content), newest first, kept current; `hold` is true unless the reader is at
 * the very top with nothing selected. Rows are drawn by `useRunRow(id)`, so that data of one run re-renders one row.
 */
export function useRuns(
  filter: RunFilter,
  { hold }: { hold: boolean },
): RunListState & { loadMore: () => void; showNew: () => void } {
  const live = useLive()
  const key = JSON.stringify(filter)
  const list = useMemo(() => live.listRuns(JSON.parse(key) as RunFilter), [live, key])
  const state = useSharedStore(list, whole)
  useEffect(() => list.setHold(hold), [list, hold])
  return { ...state, loadMore: list.loadMore, showNew: list.showNew }
}

/** The runs in progress, waiting ones first, then newest first; nothing moves while `hold` (the mouse is over them). */
export function useLiveRuns({ hold }: { hold: boolean }): LiveBoardState {
  const { board } = useLive()
  const state = useSharedStore(board, whole)
  useEffect(() => board.setHold(hold), [board, hold])
  return state
}

/** One run's summary, as new as the list or the watch knows it. */
export function useRunRow(runId: string): RunSummary | undefined {
  const { runs } = useLive()
  return useStore(
    runs,
    useCallback((state) => state.byId.get(runId), [runId]),
  )
}

/** Counts of all that the caller may see; needs a list or the wall mounted to stay current. */
export function useRunCounts(): RunCounts | undefined {
  return useStore(useLive().runs, (state) => state.counts)
}

/** The ids of a run's child runs, oldest first, kept current; draw them with `useRunRow`. */
export function useChildRuns(runId: string): readonly string[] {
  const live = useLive()
  const children = useMemo(() => live.childRuns(runId), [live, runId])
  return useSharedStore(children, (state) => state.ids)
}

/** The runs that were going on in the last `rangeMs`, for lanes over time; the array is another at most once a second. */
export function useRecentRuns(rangeMs: number): readonly RunSummary[] {
  const live = useLive()
  const recent = useMemo(() => live.recentRuns(rangeMs), [live, rangeMs])
  return useSharedStore(recent, (state) => state.runs)
}
