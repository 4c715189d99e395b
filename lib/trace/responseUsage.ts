import type { RunTotals } from "@/lib/protocol/run"
import type { RunTurn, TurnBody } from "@/lib/protocol/turn"
import { addTotals, noTotals, turnTotals } from "./turnTotals"

/**
 * The usage of a model's response, as reported by the turns that share it. Each field is the largest value reported.
 */
export type ResponseUsage = Pick<
  RunTotals,
  | "input_tokens"
  | "cached_input_tokens"
  | "output_tokens"
  | "reasoning_tokens"
  | "cost_usd"
  | "estimated_cost_usd"
  | "model_turns"
> & { has_cost: boolean; has_estimate: boolean }

/**
 * What a turn adds to its run's totals: its own share, and its response's share, which is counted once per response.
 */
export type TurnShare = { totals: RunTotals; response?: { id: string; usage: ResponseUsage } }

/** Splits what a turn adds to its run's totals. A turn without a `response_id` has everything in its own share. */
export function turnShare(turn: Partial<TurnBody> & Pick<Partial<RunTurn>, "estimated_cost_usd">): TurnShare {
  const totals = turnTotals(turn)
  if (turn.response_id === undefined) return { totals }
  const { errors, failed_exits, duration_ms } = totals
  const usage: ResponseUsage = {
    input_tokens: totals.input_tokens,
    cached_input_tokens: totals.cached_input_tokens,
    output_tokens: totals.output_tokens,
    reasoning_tokens: totals.reasoning_tokens,
    cost_usd: totals.cost_usd,
    estimated_cost_usd: totals.estimated_cost_usd,
    model_turns: totals.model_turns,
    has_cost: turn.cost_usd !== undefined,
    has_estimate: turn.estimated_cost_usd !== undefined,
  }
  return {
    totals: { ...noTotals(), errors, failed_exits, duration_ms },
    response: { id: turn.response_id, usage },
  }
}

/** Returns what several turns add to their run's totals, and the resulting usage of their responses. */
export function sumShares(
  shares: readonly TurnShare[],
  known: (responseId: string) => ResponseUsage | undefined,
): { added: RunTotals; responses: ReadonlyMap<string, ResponseUsage> } {
  const responses = new Map<string, ResponseUsage>()
  let added = noTotals()
  for (const { totals, response } of shares) {
    added = addTotals(added, totals)
    if (response === undefined) continue
    const before = responses.get(response.id) ?? known(response.id)
    const after = before === undefined ? response.usage : largest(before, response.usage)
    added = addTotals(added, difference(contribution(after), before && contribution(before)))
    responses.set(response.id, after)
  }
  return { added, responses }
}

function largest(a: ResponseUsage, b: ResponseUsage): ResponseUsage {
  return {
    input_tokens: Math.max(a.input_tokens, b.input_tokens),
    cached_input_tokens: Math.max(a.cached_input_tokens, b.cached_input_tokens),
    output_tokens: Math.max(a.output_tokens, b.output_tokens),
    reasoning_tokens: Math.max(a.reasoning_tokens, b.reasoning_tokens),
    cost_usd: Math.max(a.cost_usd, b.cost_usd),
    estimated_cost_usd: Math.max(a.estimated_cost_usd, b.estimated_cost_usd),
    model_turns: Math.max(a.model_turns, b.model_turns),
    has_cost: a.has_cost || b.has_cost,
    has_estimate: a.has_estimate || b.has_estimate,
  }
}

/** Returns what a response adds to its run's totals. A reported cost replaces an estimate. */
function contribution({ has_cost, has_estimate, ...usage }: ResponseUsage): RunTotals {
  const isUnpriced = usage.model_turns > 0 && !has_cost && !has_estimate
  return {
    ...noTotals(),
    ...usage,
    estimated_cost_usd: has_cost ? 0 : usage.estimated_cost_usd,
    unpriced_turns: isUnpriced ? 1 : 0,
  }
}

function difference(after: RunTotals, before: RunTotals | undefined): RunTotals {
  if (before === undefined) return after
  const names = Object.keys(after) as (keyof RunTotals)[]
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as RunTotals
}
