import type { RunSort, SortOrder } from "@/lib/protocol/enums"
import type { RunSummary } from "@/lib/protocol/run"
import { totalCost, totalTokens } from "@/lib/trace/turnTotals"
import { byNewest } from "./laterSummary"
import { timeMs } from "./runState"

/**
 * Returns the order of a sorted list of runs. Equal values are ordered by start, in the same direction. Runs without a
 * value come last, newest first.
 *
 * @param nowMs server time in milliseconds, for the duration of runs in progress.
 */
export function runOrder(
  sort: RunSort,
  order: SortOrder,
  nowMs: number,
): (a: RunSummary, b: RunSummary) => number {
  const direction = order === "asc" ? 1 : -1
  const read = VALUES[sort]
  return (a, b) => {
    const [x, y] = [read(a, nowMs), read(b, nowMs)]
    if (x !== undefined && y !== undefined && x !== y) return (x - y) * direction
    if ((x === undefined) !== (y === undefined)) return x === undefined ? 1 : -1
    return x === undefined || order === "desc" ? byNewest(a, b) : byNewest(b, a)
  }
}

const VALUES: Record<RunSort, (run: RunSummary, nowMs: number) => number | undefined> = {
  started: (run) => timeMs(run.started_at),
  last_seen: (run) => timeMs(run.last_seen_at ?? run.last_turn_at ?? run.started_at),
  turns: (run) => run.cursor,
  errors: (run) => run.totals.errors,
  cost: (run) => totalCost(run.totals),
  tokens: (run) => totalTokens(run.totals),
  duration: (run, nowMs) => (timeMs(run.ended_at) ?? nowMs) - (timeMs(run.started_at) ?? nowMs),
  waiting_since: (run) => timeMs(run.waiting_since),
}
