/** The times that decide when records become turns and runs end, in milliseconds. */
export type TraceSettings = {
  /** How long a record waits for what completes it. */
  holdMs: number
  /** How long a run stays open after its outermost step ended, for late records. */
  settleMs: number
  /** Model calls without a parent belong together while the pause between them is shorter. */
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
