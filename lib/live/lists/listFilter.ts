import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSummary } from "@/lib/protocol/run"
import { matchesFilter } from "@/lib/trace/matchesFilter"
import { resolveFilter } from "@/lib/trace/resolveFilter"

/**
 * Returns the part of a filter that doesn't depend on a run's state. The connection's watch uses that part, so that it
 * reports every change of a matching run, and counts matching runs in every state.
 */
export function watchScope(filter: RunFilter): RunFilter {
  const { status, outcome, waiting, trouble, failed, overlaps, ...scope } = filter
  return scope
}

export type Match = {
  /** True if the server found the search text in the run. */
  isHit: boolean
  /** True if the watch admits only runs that match the filter's scope. */
  isWatched: boolean
  /** Server time in milliseconds, for relative times. */
  nowMs: number
}

/**
 * Returns true if a filter admits a run. Only the server can search turns, so the result of its search is passed in.
 */
export function admits(filter: RunFilter, run: RunSummary, { isHit, isWatched, nowMs }: Match): boolean {
  const { q, ...resolved } = resolveFilter(filter, nowMs)
  const isTextKnown = q === undefined || isHit || isWatched
  return matchesFilter(isTextKnown ? resolved : { ...resolved, q }, run)
}
