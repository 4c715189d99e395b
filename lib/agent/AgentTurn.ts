/** A run that a turn handed off to. Its id is known once the server has stored it. */
export type ChildLink = {
  readonly runId: string | undefined
  /** True once `runId` won't change anymore: the id is known, or the start has failed. */
  readonly startSettled: boolean
  onStartSettled(listener: () => void): void
}

export type TurnKind = "model" | "tool" | "agent" | "human" | "system"

/**
 * Token counts of a model call. The names of OpenAI (`prompt_tokens`), Anthropic (`cache_read_input_tokens`),
 * Gemini and the Vercel AI SDK (`inputTokens`) are accepted as well.
 */
export type TurnUsage = {
  /** All input, including cached tokens. */
  input_tokens?: number | null | undefined
  output_tokens?: number | null | undefined
  cached_input_tokens?: number | null | undefined
  cache_creation_input_tokens?: number | null | undefined
  reasoning_tokens?: number | null | undefined
  [providerField: string]: unknown
}

/**
 * One step of a run, as an agent records it. Every field is optional, `null` means absent, and unknown fields are
 * stored under `attributes`. `parameters`, `output` and `attributes` may be any JavaScript value.
 *
 * @example
 * run.turn({ kind: "model", model: "claude-sonnet-5", prompt, message, usage: response.usage, cost_usd: 0.012 })
 * run.turn({ kind: "tool", tool: "bash", parameters: { command }, output: stdout, exit_code: 0, duration_ms: 812 })
 * run.turn({ tool: "search", parameters: { query }, error })
 */
export type AgentTurn = {
  /** Inferred from the other fields if absent. Roles such as `assistant` or `user` are mapped to kinds. */
  kind?: TurnKind | (string & {}) | null | undefined
  prompt?: unknown
  message?: unknown
  /** The model's reasoning. */
  thinking?: unknown
  tool?: string | null | undefined
  parameters?: unknown
  output?: unknown
  /** An Error, a message, or `{ message, type?, code?, stack?, cause? }`. */
  error?: unknown
  model?: string | null | undefined
  usage?: TurnUsage | null | undefined
  /** Cost of the call in US dollars. If absent, the server estimates it from usage and model. */
  cost_usd?: number | null | undefined
  /**
   * A Date, ISO 8601 text (UTC if it has no offset), or the time since 1970 in seconds, milliseconds, microseconds or
   * nanoseconds. Default: when progress of this turn was first reported, or now.
   */
  started_at?: string | number | Date | null | undefined
  /** Milliseconds. Default: from `started_at` to now. */
  duration_ms?: number | null | undefined
  event?: string | null | undefined
  cli_outcome?: unknown
  exit_code?: number | null | undefined
  verifier_verdict?: unknown
  policy_rejected?: boolean | null | undefined
  /** The run that this step handed off to. */
  child?: ChildLink | undefined
  child_run_id?: string | null | undefined
  /** The tool call's id in the model's response. */
  call_id?: string | null | undefined
  /** The id of the model's response. The usage of turns that share it is counted once. */
  response_id?: string | null | undefined
  /** Enclosing steps, outermost first: graph node, chain, sub-agent. */
  path?: readonly string[] | null | undefined
  attributes?: Record<string, unknown> | null | undefined
  [unknownField: string]: unknown
}

/** What a run is doing now, before the turn is complete. */
export type AgentProgress = {
  kind?: TurnKind | (string & {}) | null | undefined
  tool?: string | null | undefined
  model?: string | null | undefined
  prompt?: string | null | undefined
  parameters?: unknown
  /** The text produced so far. Only the newest 16 KiB are kept. */
  text?: string | null | undefined
  started_at?: string | number | Date | null | undefined
  /** What or whom the run is waiting for. An empty string ends the wait. */
  waiting_for?: string | null | undefined
  waiting_kind?: "approval" | "answer" | "prompt" | "other" | null | undefined
}

/** How a run ended. Additional fields are stored. */
export type AgentOutcome = {
  status: "success" | "partial_success" | "failure" | "timeout" | "give_up" | "done"
  /** One or two sentences; at most 16 KiB. */
  summary?: string | undefined
  /** ISO 8601. Default: now. */
  timestamp?: string | undefined
  verifier_verdict?: unknown
  [further: string]: unknown
}

/** Options for starting a run. */
export type RunOptions = {
  /** What the run is for, in one sentence. At most 64 KiB. */
  intent: string
  /** What a successful outcome looks like. */
  outcomeDescription?: string | undefined
  /** The run's agent. Default: the `agentId` of `connectAgent`, or the only agent that the token may write as. */
  agentId?: string | undefined
  agentName?: string | undefined
  /** Two starts with the same key yield one run. For jobs that another process may retry. 1–256 characters. */
  idempotencyKey?: string | undefined
  /** At most 32 labels. If the run costs more than its label `budget_usd`, in US dollars, it counts as in trouble. */
  labels?: Record<string, string | number | boolean | null | undefined>
  /** The run that started this one. `run.child()` sets it. */
  parent?: { run_id: string; turn_index?: number } | undefined
  /** When the work began, for imports and replays. Default: now. */
  startedAt?: string | number | Date | undefined
  /** The program that the run comes from, if it isn't this one. */
  source?: { name: string; version?: string; session?: string } | undefined
  /** The run whose work this one resumes. */
  continues?: { run_id: string } | undefined
  /** How long the run waits for a disconnected agent, 1 s to 24 h in ms. Default: the server's setting. */
  graceMs?: number | undefined
}

/** The server's reply to the start of a run. */
export type RunStart = {
  run_id: string
  agent_id: string
  /** False if the run already existed: its key had been used before, or it was resumed. */
  created: boolean
  /** How many turns the run has. */
  cursor: number
  status: "in_progress" | "completed" | "incomplete"
}

/** A viewer's request to cancel a run. */
export type CancelRequest = { reason?: string; requested_at: string }
export type CancelHandler = (request: CancelRequest) => void
