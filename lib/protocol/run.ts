import { z } from "zod"
import { OUTCOME_STATUSES, type RunStatus, type TroubleKind, type WaitingKind } from "./enums"
import { count, isoTime, name, runId, text } from "./fields"
import { LIMITS } from "./limits"
import type { RunTurn } from "./turn"

/** How a run ended according to its agent. Unknown fields are stored. */
export const agentOutcome = z.looseObject({
  status: z.enum(OUTCOME_STATUSES),
  summary: text(LIMITS.summaryBytes).optional(),
  evidence: z.unknown().optional(),
  metrics: z.unknown().optional(),
  timestamp: isoTime.optional(),
})
export type AgentOutcome = z.infer<typeof agentOutcome>

export type RunTermination =
  /** `inferred`: assumed by the writer, not reported by the agent. Later turns reopen the run. */
  | { kind: "outcome"; outcome: AgentOutcome; inferred?: true }
  /** `not_ended`: imported from an export of a run that was still in progress. */
  | { kind: "incomplete"; reason: "disconnected" | "not_ended" }

/** The run that spawned this one, as reported by the agent. */
export const parentRef = z.object({
  run_id: z.string().min(1).max(LIMITS.runIdChars),
  turn_index: count.optional(),
})
export type ParentRef = z.infer<typeof parentRef>

/** A reference to another run. */
export const runRef = z.object({ run_id: runId })
export type RunRef = z.infer<typeof runRef>

/** The program that a run comes from, if it isn't a client of this protocol. */
export const runSource = z.object({
  name,
  version: name.optional(),
  /** The session's id in that program. */
  session: name.optional(),
})
export type RunSource = z.infer<typeof runSource>

/** What an agent is doing now, before the turn exists. */
export type Progress = {
  kind?: string
  tool?: string
  parameters?: unknown
  model?: string
  prompt?: string
  text?: string
  started_at?: string
  waiting_for?: string
  waiting_kind?: WaitingKind
}

export type RunTotals = {
  /** Includes cached input. */
  input_tokens: number
  cached_input_tokens: number
  output_tokens: number
  reasoning_tokens: number
  /** The cost that turns report. */
  cost_usd: number
  /** The estimated cost of model turns that don't report one. */
  estimated_cost_usd: number
  /** Model turns with neither a cost nor an estimate. */
  unpriced_turns: number
  model_turns: number
  errors: number
  /** Turns with an exit code other than 0. */
  failed_exits: number
  duration_ms: number
}

/** A summary of progress, for lists. */
export type RunActivity = {
  since: string
  kind?: string
  tool?: string
  text?: string
  waiting_for?: string
  waiting_kind?: WaitingKind
}

/** A period in which the run had no agent, before its agent returned. */
export type Interruption = { from: string; to: string }

/**
 * A problem of a run in progress. `text` describes it for people. `count`: how many errors occurred within `window_ms`,
 * or how often calls were repeated.
 */
export type RunTrouble = {
  kind: TroubleKind
  since: string
  text: string
  count?: number
  window_ms?: number
}

/** A run's newest error: its text on one line, and its turn. */
export type LastError = { text: string; index: number; at: string }

/** A run without its turns, as shown in lists and headers. */
export type RunSummary = {
  run_id: string
  agent_id: string
  agent_name?: string
  client_id: string
  intent: string
  outcome_description?: string
  started_at: string
  ended_at?: string
  status: RunStatus
  termination?: RunTermination
  cursor: number
  connected: boolean
  disconnected_at?: string
  last_turn_at?: string
  cancel_requested_at?: string
  last_seen_at?: string
  grace_ends_at?: string
  grace_ms?: number
  /** How often the run was reopened. Of two summaries, the one with the larger number is newer. */
  reopenings?: number
  interruptions?: Interruption[]
  source?: RunSource
  continues?: RunRef
  continued_by?: RunRef
  imported?: true
  waiting_since?: string
  recent?: { until: string; turns: number[] }
  activity?: RunActivity
  parent?: ParentRef
  child_count: number
  labels: Record<string, string>
  totals: RunTotals
  /** Most severe first; absent on ended runs. */
  trouble?: RunTrouble[]
  last_error?: LastError
}

/** How many matching runs there are in each state. */
export type RunCounts = {
  in_progress: number
  completed: number
  incomplete: number
  waiting: number
  trouble?: number
  failed?: number
}

/** One line of a stored trace. */
export type RunRecord =
  | ({ record: "started" } & RunHead)
  | ({ record: "turn" } & RunTurn)
  | { record: "ended"; termination: RunTermination; ended_at: string; interruptions?: Interruption[] }

/** What is known about a run at its start. */
export type RunHead = Pick<
  RunSummary,
  "run_id" | "agent_id" | "client_id" | "intent" | "started_at" | "labels"
> &
  Partial<Pick<RunSummary, "agent_name" | "outcome_description" | "parent" | "source" | "continues">>
