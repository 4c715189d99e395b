import type { RunTotals } from "@/lib/protocol/run"
import type { TurnBody } from "@/lib/protocol/turn"
import { costText } from "./formatNumber"
import { hasError } from "./turnError"

/** The largest value that one turn can add. Keeps the totals of a run exact and finite. */
const MAX_OF_ONE_TURN = 1e11

/** Returns what one turn adds to its run's totals: zero for anything that it doesn't report. */
export function turnTotals(turn: Partial<TurnBody>): RunTotals {
  const isModelTurn = turn.kind === "model"
  const { cost_usd, estimated_cost_usd } = turn
  const isUnpriced = isModelTurn && cost_usd === undefined && estimated_cost_usd === undefined
  return {
    input_tokens: share(turn.usage?.input_tokens),
    cached_input_tokens: share(turn.usage?.cached_input_tokens),
    output_tokens: share(turn.usage?.output_tokens),
    reasoning_tokens: share(turn.usage?.reasoning_tokens),
    cost_usd: share(cost_usd),
    estimated_cost_usd: cost_usd === undefined ? share(estimated_cost_usd) : 0,
    unpriced_turns: isUnpriced ? 1 : 0,
    model_turns: isModelTurn ? 1 : 0,
    errors: hasError(turn) ? 1 : 0,
    failed_exits: turn.exit_code === undefined || turn.exit_code === 0 ? 0 : 1,
    duration_ms: share(turn.duration_ms),
  }
}

/** Returns the totals of a run without turns. */
export function noTotals(): RunTotals {
  return {
    input_tokens: 0,
    cached_input_tokens: 0,
    output_tokens: 0,
    reasoning_tokens: 0,
    cost_usd: 0,
    estimated_cost_usd: 0,
    unpriced_turns: 0,
    model_turns: 0,
    errors: 0,
    failed_exits: 0,
    duration_ms: 0,
  }
}

export function addTotals(a: RunTotals, b: RunTotals): RunTotals {
  return {
    input_tokens: a.input_tokens + b.input_tokens,
    cached_input_tokens: a.cached_input_tokens + b.cached_input_tokens,
    output_tokens: a.output_tokens + b.output_tokens,
    reasoning_tokens: a.reasoning_tokens + b.reasoning_tokens,
    cost_usd: a.cost_usd + b.cost_usd,
    estimated_cost_usd: a.estimated_cost_usd + b.estimated_cost_usd,
    unpriced_turns: a.unpriced_turns + b.unpriced_turns,
    model_turns: a.model_turns + b.model_turns,
    errors: a.errors + b.errors,
    failed_exits: a.failed_exits + b.failed_exits,
    duration_ms: a.duration_ms + b.duration_ms,
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

/** Formats the total cost. `≈` if part of it is an estimate. Undefined without a cost. */
export function totalCostText(totals: RunTotals): string | undefined {
  const cost = totalCost(totals)
  if (cost === 0) return undefined
  return `${(totals.estimated_cost_usd ?? 0) > 0 ? "≈" : ""}${costText(cost)}`
}

function share(value: number | undefined): number {
  return value !== undefined && value > 0 ? Math.min(value, MAX_OF_ONE_TURN) : 0
}
