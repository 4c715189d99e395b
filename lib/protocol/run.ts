import { z } from "zod"
import { count, isoTime, text } from "./fields"
import { LIMITS } from "./limits"
import type { RunTurn } from "./turn"
import { OUTCOME_STATUSES, type RunStatus } from "./words"

/** How an agent says its run ended; further fields are kept. */
export const agentOutcome = z.looseObject({
  status: z.enum(OUTCOME_STATUSES),
  summary: text(LIMITS.summaryBytes).optional(),
  evidence: z.unknown().optional(),
  metrics: z.unknown().optional(),
  timestamp: isoTime.optional(),
})
export type AgentOutcome = z.infer<typeof agentOutcome>

export type RunTermination =
  | { kind: "outcome"; outcome: AgentOutcome }
  | { kind: "incomplete"; reason: "disconnected" }

/** The run that spawned this one, as its agent named it. */
export const parentRef = z.object({
  run_id: z.string().min(1).max(LIMITS.runIdChars),
  turn_index: count.optional(),
})
export type ParentRef = z.infer<typeof parentRef>

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
}

export type RunTotals = {
  input_tokens: number
  output_tokens: number
  cost_usd: number
  errors: number
  duration_ms: number
}

/** Progress in short, for a list. */
export type RunActivity = {
  since: string
  kind?: string
  tool?: string
  text?: string
  waiting_for?: string
}

/** A run without its turns, as lists and headers show it. */
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
  recent?: { until: string; turns: number[] }
  activity?: RunActivity
  parent?: ParentRef
  child_count: number
  labels: Record<string, string>
  totals: RunTotals
}

/** How many runs of each state a filter admits. */
export type RunCounts = {
  in_progress: number
  completed: number
  incomplete: number
  waiting: number
  failed?: number
}

/** One line of a stored trace. */
export type RunRecord =
  | ({ record: "started" } & RunHead)
  | ({ record: "turn" } & RunTurn)
  | { record: "ended"; termination: RunTermination; ended_at: string }

/** What is known of a run from its start on. */
export type RunHead = Pick<
  RunSummary,
  "run_id" | "agent_id" | "client_id" | "intent" | "started_at" | "labels"
> &
  Partial<Pick<RunSummary, "agent_name" | "outcome_description" | "parent">>
