import type { RunFilter } from "@/lib/protocol/commands"
import { relativeTimeMs } from "@/lib/protocol/relativeTime"
import type { RunSummary } from "@/lib/protocol/run"
import { matchesFilter } from "@/lib/trace/matchesFilter"

/**
 * The part of a filter that doesn't depend on the state of a run. The connection's watch uses it, so that it reports
 * every change of a matching run, and counts under that filter.
 */
export function watchScope(filter: RunFilter): RunFilter {
  const { status, outcome, waiting, trouble, failed, overlaps, ...scope } = filter
  return scope
}

/** Replaces a relative time by an absolute one. */
export function resolveTimes({ since, ...filter }: RunFilter, nowMs: number): RunFilter {
  const ms = since === undefined ? undefined : relativeTimeMs(since)
  if (ms === undefined) return filter
  const after = new Date(nowMs - ms).toISOString()
  const isLater = filter.started_after !== undefined && filter.started_after > after
  return isLater ? filter : { ...filter, started_after: after }
}

export type Match = {
  /** True if the server found the search text in the run. */
  isHit: boolean
  /** True if the watch admits only runs that match the filter's scope. */
  isWatched: boolean
}

/** True if a filter admits a run. Text in turns is only known to the server, whose findings are passed in. */
export function admits({ q, ...filter }: RunFilter, run: RunSummary, { isHit, isWatched }: Match): boolean {
  const isTextKnown = q === undefined || isHit || isWatched
  return matchesFilter(isTextKnown ? filter : { ...filter, q }, run)
}
