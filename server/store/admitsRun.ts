import { matchesAgent } from "@/lib/protocol/access"
import type { RunFilter } from "@/lib/protocol/commands"
import { hasFailed, matchesInAnyState } from "@/lib/trace/matchesFilter"
import { foldedTerms } from "@/lib/trace/search/searchTerms"
import { missingTerms } from "@/server/search/turnHit"
import type { RunRow, StatusCounts } from "./RunStore"

/**
 * Returns true if a run matches a filter and `readers`. Gives the same result as the stores' queries. Ignores `waiting`
 * and `trouble`.
 */
export function admitsRun(row: RunRow, filter: RunFilter, readers: readonly string[]): boolean {
  if (filter.status !== undefined && !filter.status.includes(row.status)) return false
  return admitsRunOfAnyStatus(row, filter, readers)
}

/** Like `admitsRun`, but also ignores the filter's `status`, as counts do. */
export function admitsRunOfAnyStatus(row: RunRow, filter: RunFilter, readers: readonly string[]): boolean {
  return matchesAgent(readers, row.agent_id) && matchesInAnyState(filter, row)
}

/** Returns true if each term of `q` is in the run's own texts or in one of `texts`, the folded texts of its turns. */
export function admitsSearch(row: RunRow, q: string, texts: () => Iterable<string>): boolean {
  return missingTerms(row, foldedTerms(q)).every((term) => {
    for (const text of texts()) if (text.includes(term)) return true
    return false
  })
}

/**
 * Counts runs by status. `failed` counts the failed runs; with `failedSince`, only those that ended at or after that
 * time.
 */
export function countRuns(rows: Iterable<RunRow>, failedSince?: string): StatusCounts {
  const counts: StatusCounts = { in_progress: 0, completed: 0, incomplete: 0, failed: 0 }
  const since = failedSince === undefined ? Number.NEGATIVE_INFINITY : Date.parse(failedSince)
  for (const row of rows) {
    counts[row.status]++
    if (hasFailed(row) && Date.parse(row.ended_at ?? row.started_at) >= since) counts.failed++
  }
  return counts
}
