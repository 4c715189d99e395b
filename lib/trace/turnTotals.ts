import type { RunTotals } from "@/lib/protocol/run"
import type { TurnBody } from "@/lib/protocol/turn"

/** A single turn's share is bounded so that no sum of a run's turns leaves the exact or the finite numbers. */
const MAX_OF_ONE_TURN = 1e11

/** What one turn adds to its run's totals; zero where the turn doesn't say. */
export function turnTotals(turn: Pick<TurnBody, "usage" | "cost_usd" | "error" | "duration_ms">): RunTotals {
  return {
    input_tokens: share(turn.usage?.input_tokens),
    output_tokens: share(turn.usage?.output_tokens),
    cost_usd: share(turn.cost_usd),
    errors: turn.error === undefined ? 0 : 1,
    duration_ms: share(turn.duration_ms),
  }
}

/** Nothing added up yet. */
export function noTotals(): RunTotals {
  return { input_tokens: 0, output_tokens: 0, cost_usd: 0, errors: 0, duration_ms: 0 }
}

/** Adds two totals field by field. */
export function addTotals(a: RunTotals, b: RunTotals): RunTotals {
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    cost_usd: a.cost_usd + b.cost_usd,
    errors: a.errors + b.errors,
    duration_ms: a.duration_ms + b.duration_ms,
  }
}

function share(value: number | undefined): number {
  return value !== undefined && value > 0 ? Math.min(value, MAX_OF_ONE_TURN) : 0
}
