/** Times that determine when records become turns and when runs end, in milliseconds. */
export type TraceSettings = {
  /** How long a record is held while something that completes it may arrive. */
  holdMs: number
  /** How long a run stays open for late records after its outermost step has ended. */
  settleMs: number
  /** Model calls without a parent belong to the same run if the pause between them is shorter than this. */
  gapMs: number
  /** A run without records for this long is incomplete. */
  silenceMs: number
}

export const DEFAULT_TRACE_SETTINGS: TraceSettings = {
  holdMs: 1_000,
  // Batch exporters send every 5 s.
  settleMs: 6_000,
  gapMs: 120_000,
  silenceMs: 600_000,
}
