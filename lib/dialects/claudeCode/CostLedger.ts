export type Tokens = { input: number; cached: number; created: number; output: number }

/** What a session's answers took since its costs were last written down. */
export type CostLedger = {
  /** The session's totals then, by model. */
  totals: Map<string, Tokens>
  /** By model, from the answers since. */
  answered: Map<string, Tokens>
  /** Size of the conversations that were summarised since. */
  compacted: number
  /** Sub-agents count in the totals, too, and have runs of their own. */
  hasAgents: boolean
}

export function emptyLedger(): CostLedger {
  return { totals: new Map(), answered: new Map(), compacted: 0, hasAgents: false }
}
