"use client"

import { useMemo } from "react"
import { useStore } from "zustand"
import { useShallow } from "zustand/react/shallow"
import type { PageFilter } from "@/components/runs/filters/useRunFilter"
import { useLive } from "@/lib/live/LiveProvider"
import type { RunsState } from "@/lib/live/lists/RunListState"
import { matchesFilter } from "@/lib/trace/matchesFilter"

/** The live runs that the page's filter asks for: by agent, labels, words and waiting; how runs ended says nothing here. */
export function useBoardRunIds(ids: readonly string[], filter: PageFilter): readonly string[] {
  const live = useLive()
  const { agent_id, labels, q, waiting, parent_run_id } = filter
  const asked = useMemo(
    () => ({
      ...(agent_id !== undefined && { agent_id }),
      ...(labels !== undefined && { labels }),
      ...(q !== undefined && { q }),
      ...(waiting !== undefined && { waiting }),
      ...(parent_run_id !== undefined && { parent_run_id }),
    }),
    [agent_id, labels, q, waiting, parent_run_id],
  )
  const filtered = Object.keys(asked).length > 0
  const slice = (state: RunsState) =>
    filtered
      ? ids.filter((id) => {
          const run = state.byId.get(id)
          return run !== undefined && matchesFilter(asked, run)
        })
      : ids
  return useStore(live.runs, useShallow(slice))
}
