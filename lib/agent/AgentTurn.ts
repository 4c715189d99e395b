import type { TurnInput } from "@/lib/protocol/turn"

/** A run that a turn handed off to, known by name only once it is stored. */
export type ChildLink = {
  readonly runId: string | undefined
  /** Whether `runId` will not change any more: known, or never to be. */
  readonly startSettled: boolean
  onStartSettled(run: () => void): void
}

type FreeFields = "parameters" | "output" | "cli_outcome" | "verifier_verdict" | "attributes"

/**
 * A step of a run as an agent writes it: the protocol's own fields, with any value where the protocol takes JSON.
 * `started_at` and `duration_ms` may be left out: see `stampTurn`.
 */
export type AgentTurn = Omit<TurnInput, FreeFields | "started_at" | "error"> & {
  parameters?: unknown
  output?: unknown
  cli_outcome?: unknown
  verifier_verdict?: unknown
  attributes?: Record<string, unknown>
  started_at?: string | number | Date
  /** What went wrong in the step: an Error, a sentence, or the protocol's own shape. */
  error?: unknown
  /** The run that this step handed off to; becomes `child_run_id` as soon as that run has one. */
  child?: ChildLink
}
