import { z } from "zod"
import { TURN_KINDS } from "./enums"
import { count, isoTime, json, name, runId } from "./fields"
import { LIMITS } from "./limits"

const usage = z.object({
  input_tokens: count.optional(),
  output_tokens: count.optional(),
  cached_input_tokens: count.optional(),
  cache_creation_input_tokens: count.optional(),
  reasoning_tokens: count.optional(),
})

const turnFields = z.object({
  kind: z.enum(TURN_KINDS).optional(),
  prompt: z.string().optional(),
  message: z.string().optional(),
  thinking: z.string().optional(),
  tool: name.optional(),
  parameters: json.optional(),
  output: json.optional(),
  event: name.optional(),
  started_at: isoTime.optional(),
  duration_ms: z.number().min(0).optional(),
  model: name.optional(),
  usage: usage.optional(),
  cost_usd: z.number().min(0).optional(),
  /** Additional fields (`code`, `stack`, `cause`, …) are stored. */
  error: z.looseObject({ message: z.string(), type: z.string().optional() }).optional(),
  cli_outcome: json.optional(),
  verifier_verdict: json.optional(),
  policy_rejected: z.boolean().optional(),
  child_run_id: runId.optional(),
  /** The call's id in the system that made it. */
  call_id: name.optional(),
  /** The id of the model's response. The usage of turns that share it is counted once. */
  response_id: name.optional(),
  /** The enclosing steps, outermost first: graph node, chain, sub-agent. */
  path: z.array(name).max(LIMITS.pathSteps).optional(),
  exit_code: z.int().optional(),
  attributes: z.record(z.string(), json).optional(),
})

/** A turn as sent by an agent. Unknown top-level fields are allowed; `normalizeTurn` moves them to `attributes`. */
export const turnInput = turnFields.loose()
export type TurnInput = z.input<typeof turnFields>

/** The names of the fields that the protocol defines for a turn. */
export const TURN_FIELDS: ReadonlySet<string> = new Set(Object.keys(turnFields.shape))

/** A stored turn, as viewers receive it. */
export const runTurn = turnFields.extend({
  index: count,
  recorded_at: z.string(),
  kind: z.enum(TURN_KINDS),
  verifier_verdict: json,
  /** The server's estimate of the cost, for a model turn that doesn't report one. */
  estimated_cost_usd: z.number().optional(),
  /** JSON pointer → full size in bytes, for each value that was cut for the wire. */
  truncated: z.record(z.string(), count).optional(),
  /** JSON pointer → the last 4 KiB of a string that was cut. */
  tails: z.record(z.string(), z.string()).optional(),
  /** Set if the turn was cut: the parts of its outline that are derived from the cut contents. */
  outline: z
    .object({ title: z.string(), error: z.literal(true).optional(), error_text: z.string().optional() })
    .optional(),
})
export type RunTurn = z.infer<typeof runTurn>

/** A turn as it is stored, before the store assigns its index. */
export type TurnBody = Omit<RunTurn, "index" | "recorded_at" | "truncated" | "tails" | "outline">

/** A turn without its bodies: enough for a row, a minimap or a comparison. */
export type TurnOutline = {
  index: number
  kind: RunTurn["kind"]
  tool?: string
  title: string
  started_at?: string
  recorded_at: string
  duration_ms?: number
  tokens?: number
  cost_usd?: number
  estimated_cost_usd?: number
  model?: string
  /** A value other than 0 means that the command failed. That alone doesn't make the turn an error. */
  exit_code?: number
  error?: true
  /** The line of the error that says what happened, at most 120 characters. */
  error_text?: string
  child_run_id?: string
}
