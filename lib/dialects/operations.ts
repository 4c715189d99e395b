import type { OutcomeStatus } from "@/lib/protocol/enums"
import type { TurnInput } from "@/lib/protocol/turn"

/**
 * Identifies a run within its dialect, for example `otlp:<trace id>` or `claude-code:<session id>`. The same foreign
 * session always has the same key, even after a restart, so that sinks can find its run.
 */
export type RunKey = string

/** ISO 8601 in UTC, as stated in the foreign record; never the time of arrival. */
export type ForeignTime = string

/** Where a run comes from. `name` is the common name of the dialect: `otlp`, `langsmith`, `claude-code`, `codex`, … */
export type RunSource = { name: string; version?: string; session?: string }

/** A turn in the protocol's own fields. References to other runs are keys, which the sink resolves to run ids. */
export type DialectTurn = Omit<TurnInput, "child_run_id" | "error" | "started_at"> & {
  started_at?: ForeignTime
  error?: { message: string; type?: string; code?: string; stack?: string }
  /** The foreign id of the tool call. */
  call_id?: string
  /** The foreign id of the model's response. The usage of turns that share it is counted once. */
  response_id?: string
  /** Enclosing steps, outermost first: graph node, chain, sub-agent. */
  path?: string[]
  exit_code?: number
  /** The run that this turn handed off to. It must have started before this turn. */
  child?: RunKey
}

/** What a run is doing now, before the turn exists. */
export type DialectProgress = {
  kind?: string
  tool?: string
  parameters?: unknown
  model?: string
  prompt?: string
  text?: string
  started_at?: ForeignTime
}

/** What a run is waiting for: a user's approval or answer, the next prompt, or something else. */
type WaitingKind = "approval" | "answer" | "prompt" | "other"

/** Creates the run. Starting a key twice is a no-op. */
export type StartOperation = {
  op: "start"
  key: RunKey
  agent_id: string
  agent_name?: string
  intent: string
  labels?: Record<string, string>
  started_at?: ForeignTime
  source: RunSource
  parent?: { key: RunKey; turn_index?: number }
  /** The run whose work this one resumes. */
  continues?: RunKey
}

/** Changes a run's descriptive fields after its start. Omitted fields keep their values; labels are merged. */
export type UpdateOperation = {
  op: "update"
  key: RunKey
  intent?: string
  agent_name?: string
  outcome_description?: string
  labels?: Record<string, string>
}

/**
 * Appends one turn. Turns never change, so a dialect emits one only when it is complete. `id` identifies the turn
 * within its run (a span id, a call id), and sinks drop a second turn with the same id. Without ids, the n-th turn
 * operation of a key is the turn with index n, and replaying the input yields the same turns.
 */
export type TurnOperation = { op: "turn"; key: RunKey; id?: string; turn: DialectTurn }

/** Replaces the pending turn as a whole; null clears it. */
export type ProgressOperation = { op: "progress"; key: RunKey; progress: DialectProgress | null }

/** Sets what the run is waiting for; null if it is no longer waiting. */
export type WaitOperation = {
  op: "wait"
  key: RunKey
  waiting: { for: string; kind: WaitingKind } | null
}

/** Ends the run. A later turn with the same key may reopen an `inferred` end. */
export type EndOperation = {
  op: "end"
  key: RunKey
  ended_at?: ForeignTime
  inferred?: boolean
} & ({ status: OutcomeStatus; summary?: string } | { status: "incomplete" })

export type Operation =
  | StartOperation
  | UpdateOperation
  | TurnOperation
  | ProgressOperation
  | WaitOperation
  | EndOperation
