export type Tokens = { input: number; cached: number; created: number; output: number }

/** Token counts of a session since its totals were last written. */
export type CostLedger = {
  /** The session's totals at that time, by model. */
  totals: Map<string, Tokens>
  /** Tokens of the answers since then, by model. */
  answered: Map<string, Tokens>
  /** Total size of the conversations that were summarized since then, in tokens. */
  compacted: number
  /** True if sub-agents ran since then. They are included in the totals, but have their own runs. */
  hasAgents: boolean
}

export function emptyLedger(): CostLedger {
  return { totals: new Map(), answered: new Map(), compacted: 0, hasAgents: false }
}
