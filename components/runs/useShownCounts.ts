import { useRunCounts } from "@/lib/live/hooks/useRuns"
import type { LiveCounts } from "@/lib/live/lists/RunListState"
import type { RunCounts } from "@/lib/protocol/run"

/** The counts of the runs that match the current filter, whatever their state. `all` is the sum of live and ended. */
export type ShownCounts = { counts: RunCounts; all: number; ended: number }

/** Returns the counts that the page shows. `live` are the counts of the listed runs in progress, if all are listed. */
export function useShownCounts(live: LiveCounts | undefined): ShownCounts | undefined {
  const counts = useRunCounts()
  return counts === undefined ? undefined : shownCounts(counts, live)
}

/**
 * Combines the server's counts, which can be a second old, with those of the listed runs in progress, so that counters
 * and sections agree. A run that has just ended already counts as ended, and a new run as one of all.
 */
export function shownCounts(counts: RunCounts, live: LiveCounts | undefined): ShownCounts {
  const shown = { ...counts, ...live }
  const all = Math.max(counts.in_progress, shown.in_progress) + counts.completed + counts.incomplete
  return { counts: shown, all, ended: all - shown.in_progress }
}
