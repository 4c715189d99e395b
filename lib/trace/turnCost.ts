/** Returns the cost of a turn in US dollars: the reported one, else the estimate, else undefined. */
export function turnCost(turn: {
  cost_usd?: number | undefined
  estimated_cost_usd?: number | undefined
}): number | undefined {
  return turn.cost_usd ?? turn.estimated_cost_usd
}

/** Returns true if the cost of a turn is an estimate. */
export function isCostEstimated(turn: Parameters<typeof turnCost>[0]): boolean {
  return turn.cost_usd === undefined && turn.estimated_cost_usd !== undefined
}
