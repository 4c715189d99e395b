"use client"

import { useCallback, useEffect, useMemo } from "react"
import { useStore } from "zustand"
import type { HeldList, RecentState } from "@/lib/live/Live"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunListQuery, RunListState, RunSectionsState } from "@/lib/live/lists/RunListState"
import type { RunFilter } from "@/lib/protocol/commands"
import type { RunCounts, RunSummary } from "@/lib/protocol/run"
import { useSharedStore } from "./useSharedStore"

type ListOptions = {
  /** While true, no row moves. */
  hold: boolean
  /** False: the list isn't loaded. Default true. */
  enabled?: boolean
}
type ListActions = { loadMore: () => void; applyPending: () => void }

/**
 * Returns the runs that match a query (compared by content), kept up to date. Draw rows with `useRunRow(id)`, so that a
 * change to one run re-renders one row.
 */
export function useRuns(query: RunListQuery, options: ListOptions): RunListState & ListActions {
  const live = useLive()
  const key = JSON.stringify(query)
  return useHeldList(
    useMemo(() => live.listRuns(JSON.parse(key) as RunListQuery), [live, key]),
    options,
  )
}

/** Returns the runs that match a filter (compared by content) in their sections, kept up to date. */
export function useRunSections(filter: RunFilter, options: ListOptions): RunSectionsState & ListActions {
  const live = useLive()
  const key = JSON.stringify(filter)
  return useHeldList(
    useMemo(() => live.runSections(JSON.parse(key) as RunFilter), [live, key]),
    options,
  )
}

function useHeldList<S>(list: HeldList<S>, { hold, enabled = true }: ListOptions): S & ListActions {
  useEffect(() => (enabled ? list.retain() : undefined), [list, enabled])
  useEffect(() => list.setHold(hold), [list, hold])
  const state = useStore(list.store)
  return { ...state, loadMore: list.loadMore, applyPending: list.applyPending }
}

/** Returns the latest known summary of a run. */
export function useRunRow(runId: string): RunSummary | undefined {
  const { runs } = useLive()
  return useStore(
    runs,
    useCallback((state) => state.byId.get(runId), [runId]),
  )
}

/** Returns the counts of the runs that match the current filter. Only up to date while a list is mounted. */
export function useRunCounts(): RunCounts | undefined {
  return useStore(useLive().runs, (state) => state.counts)
}

/** False if the counts are upper bounds, because a search found too many runs to verify each of them. */
export function useAreCountsExact(): boolean {
  return useStore(useLive().runs, (state) => state.areCountsExact)
}

/** Returns the ids of a run's child runs, oldest first, kept up to date. Draw them with `useRunRow`. */
export function useChildRuns(runId: string): readonly string[] {
  const live = useLive()
  const children = useMemo(() => live.childRuns(runId), [live, runId])
  return useSharedStore(children, (state) => state.ids)
}

/** Returns the matching runs that were active in the last `rangeMs`. Changes at most once a second. */
export function useRecentRuns(rangeMs: number, filter: RunFilter): RecentState {
  const live = useLive()
  const key = JSON.stringify(filter)
  const recent = useMemo(() => live.recentRuns(rangeMs, JSON.parse(key) as RunFilter), [live, rangeMs, key])
  return useSharedStore(recent, (state) => state)
}
