"use client"

import { useRunCounts } from "@/lib/live/hooks/useRuns"
import type { LiveCounts } from "@/lib/live/lists/RunListState"
import type { RunCounts } from "@/lib/protocol/run"

export type ShownCounts = {
  counts: RunCounts
  /** All runs. The server's number, because a run that ends must not be missing until the server has counted again. */
  all: number
}

/**
 * Returns the counts of the runs that match the current filter. The runs in progress are counted from those that are
 * listed, if they are, so that counters and sections agree. The server's counts can be a second old.
 */
export function useShownCounts(live: LiveCounts | undefined): ShownCounts | undefined {
  const counts = useRunCounts()
  if (counts === undefined) return undefined
  return { counts: { ...counts, ...live }, all: counts.in_progress + counts.completed + counts.incomplete }
}
