import { matchesAgent } from "@/lib/protocol/access"
import type { RunFilter } from "@/lib/protocol/commands"
import { FAILED_OUTCOMES } from "@/lib/protocol/words"
import { isAgent } from "@/lib/trace/matchesFilter"
import { foldedTerms } from "@/lib/trace/search/searchTerms"
import { missingTerms } from "@/server/search/turnHit"
import type { RunRow, StatusCounts } from "./RunStore"

/** Returns true if a run has failed: it has a failed outcome or is incomplete. */
export function hasFailed(row: Pick<RunRow, "status" | "termination">): boolean {
  if (row.status === "incomplete") return true
  return row.termination?.kind === "outcome" && FAILED_OUTCOMES.includes(row.termination.outcome.status)
}

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
  if (!matchesAgent(readers, row.agent_id)) return false
  if (filter.failed && !hasFailed(row)) return false
  if (filter.agent_id !== undefined && filter.agent_id !== row.agent_id) return false
  if (filter.agent !== undefined && !isAgent(row, filter.agent)) return false
  if (filter.parent_run_id !== undefined && filter.parent_run_id !== row.parent?.run_id) return false
  return admitsOutcome(row, filter) && admitsTimes(row, filter) && admitsTexts(row, filter)
}

/** Returns true if each term of `q` is in the run's own texts or in one of `texts`, the folded texts of its turns. */
export function admitsSearch(row: RunRow, q: string, texts: () => Iterable<string>): boolean {
  return missingTerms(row, foldedTerms(q)).every((term) => {
    for (const text of texts()) if (text.includes(term)) return true
    return false
  })
}

function admitsOutcome(row: RunRow, { outcome }: RunFilter): boolean {
  if (outcome === undefined) return true
  return row.termination?.kind === "outcome" && outcome.includes(row.termination.outcome.status)
}

function admitsTimes(row: RunRow, filter: RunFilter): boolean {
  const started = Date.parse(row.started_at)
  if (filter.started_after !== undefined && started < Date.parse(filter.started_after)) return false
  if (filter.started_before !== undefined && started >= Date.parse(filter.started_before)) return false
  if (filter.overlaps === undefined) return true
  if (started > Date.parse(filter.overlaps.to)) return false
  return row.ended_at === undefined || Date.parse(row.ended_at) >= Date.parse(filter.overlaps.from)
}

function admitsTexts(row: RunRow, { q, labels }: RunFilter): boolean {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!Object.hasOwn(row.labels, key) || row.labels[key] !== value) return false
  }
  return q === undefined || missingTerms(row, foldedTerms(q)).length === 0
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
