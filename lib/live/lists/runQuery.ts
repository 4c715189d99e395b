import type { RunFilter } from "@/lib/protocol/commands"
import type { RunSummary } from "@/lib/protocol/run"
import { matchesFilter } from "@/lib/trace/matchesFilter"
import { resolveFilter } from "@/lib/trace/resolveFilter"

/**
 * The part of a filter that doesn't depend on the state of a run. The connection's watch uses it, so that it reports
 * every change of a matching run, and counts under that filter.
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

/** True if a filter admits a run. Text in turns is only known to the server, whose findings are passed in. */
export function admits(filter: RunFilter, run: RunSummary, { isHit, isWatched, nowMs }: Match): boolean {
  const { q, ...resolved } = resolveFilter(filter, nowMs)
  const isTextKnown = q === undefined || isHit || isWatched
  return matchesFilter(isTextKnown ? resolved : { ...resolved, q }, run)
}
