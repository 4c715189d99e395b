"use client"

import { useCallback, useEffect, useMemo } from "react"
import { useStore } from "zustand"
import { useLive } from "@/lib/live/LiveProvider"
import type { LiveBoardState, RunListState } from "@/lib/live/lists/RunListState"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunCounts, RunSummary } from "@/lib/protocol/run"
import { useSharedStore } from "./useSharedStore"

const identity = <S>(state: S): S => state

/**
 * The runs that match a filter (compared by content), newest first, kept up to date. `hold` is true unless the list is
 * scrolled to the top with nothing selected. Draw rows with `useRunRow(id)`, so that a change of one run re-renders one row.
 */
export function useRuns(
  filter: RunFilter,
  { hold }: { hold: boolean },
): RunListState & { loadMore: () => void; showNew: () => void } {
  const live = useLive()
  const key = JSON.stringify(filter)
  const list = useMemo(() => live.listRuns(JSON.parse(key) as RunFilter), [live, key])
  const state = useSharedStore(list, identity)
  useEffect(() => list.setHold(hold), [list, hold])
  return { ...state, loadMore: list.loadMore, showNew: list.showNew }
}

/** The runs in progress, waiting ones first, then newest first. Nothing moves while `hold` (the mouse is over them). */
export function useLiveRuns({ hold }: { hold: boolean }): LiveBoardState {
  const { board } = useLive()
  const state = useSharedStore(board, identity)
  useEffect(() => board.setHold(hold), [board, hold])
  return state
}

/** The latest known summary of a run. */
export function useRunRow(runId: string): RunSummary | undefined {
  const { runs } = useLive()
  return useStore(
    runs,
    useCallback((state) => state.byId.get(runId), [runId]),
  )
}

/** Counts of all runs that the token may see; needs a list or the board mounted to stay up to date. */
export function useRunCounts(): RunCounts | undefined {
  return useStore(useLive().runs, (state) => state.counts)
}

/** The ids of a run's child runs, oldest first, kept up to date. Draw them with `useRunRow`. */
export function useChildRuns(runId: string): readonly string[] {
  const live = useLive()
  const children = useMemo(() => live.childRuns(runId), [live, runId])
  return useSharedStore(children, (state) => state.ids)
}

/** The runs that were active in the last `rangeMs`, for lanes over time. Changes at most once a second. */
export function useRecentRuns(rangeMs: number): readonly RunSummary[] {
  const live = useLive()
  const recent = useMemo(() => live.recentRuns(rangeMs), [live, rangeMs])
  return useSharedStore(recent, (state) => state.runs)
}
