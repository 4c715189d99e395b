import type { RunSummary, RunTotals } from "@/lib/protocol/run"
import type { RunSort, SortOrder } from "@/lib/protocol/words"
import { byNewest } from "./laterSummary"
import { timeMs } from "./runState"

/**
 * Returns the order of a sorted list of runs. Equal values are ordered by start, in the same direction. Runs without a
 * value come last, newest first.
 *
 * @param nowMs server time in milliseconds, for the duration of runs in progress.
 */
export function compareRuns(
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

/** Returns the sum of input and output tokens. */
export function totalTokens({ input_tokens, output_tokens }: RunTotals): number {
  return input_tokens + output_tokens
}

/** Returns the cost that turns report, plus the estimate for turns that don't. */
export function totalCost({ cost_usd, estimated_cost_usd }: RunTotals): number {
  return cost_usd + (estimated_cost_usd ?? 0)
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
