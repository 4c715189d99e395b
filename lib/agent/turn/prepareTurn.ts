import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { utf8Bytes } from "@/lib/protocol/bytes"
import type { Json } from "@/lib/protocol/fields"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { TURN_KINDS } from "@/lib/protocol/words"
import { cutText } from "./cutText"
import { jsonCopy, messageOf } from "./jsonCopy"

/** A turn as it goes onto the wire, and the size of its JSON in UTF-8 bytes. */
export type PreparedTurn = { turn: TurnInput; bytes: number }

/** Stay clear of the server's own bounds, which also count what it adds. */
const MAX_DEPTH = LIMITS.jsonDepth - 4
const MAX_KEYS = LIMITS.keysPerTurn - 100

const TEXTS = ["prompt", "message", "thinking"] as const
const NAMES = ["tool", "event", "model"] as const
const VALUES = ["parameters", "output", "cli_outcome", "verifier_verdict"] as const

const FIELDS: ReadonlySet<string> = new Set([
  ...TEXTS,
  ...NAMES,
  ...VALUES,
  ...["kind", "started_at", "duration_ms", "cost_usd", "usage", "error", "policy_rejected"],
  ...["child", "child_run_id", "attributes", "index", "recorded_at", "truncated"],
])

/**
 * Makes a turn that the server takes, out of whatever an agent handed in; never throws.
 * A value with more keys or levels than the protocol allows becomes its JSON text. Names are cut to 256 bytes,
 * numbers that the protocol has no room for are left out, an error of any shape gets a message.
 */
export function prepareTurn(input: AgentTurn): PreparedTurn {
  const turn: TurnInput = {}
  const spare = { keys: MAX_KEYS }
  const kind = input.kind
  if (kind !== undefined && TURN_KINDS.includes(kind)) turn.kind = kind
  for (const field of TEXTS) if (input[field] !== undefined) turn[field] = asText(input[field])
  for (const field of NAMES)
    if (input[field] !== undefined) turn[field] = cutText(asText(input[field]), LIMITS.nameBytes)
  const startedAt = asTime(input.started_at)
  if (startedAt !== undefined) turn.started_at = startedAt
  if (isAmount(input.duration_ms)) turn.duration_ms = input.duration_ms
  if (isAmount(input.cost_usd)) turn.cost_usd = input.cost_usd
  const usage = asUsage(input.usage)
  if (usage !== undefined) turn.usage = usage
  if (input.error !== undefined && input.error !== null) turn.error = asError(input.error)
  if (typeof input.policy_rejected === "boolean") turn.policy_rejected = input.policy_rejected
  const child = input.child_run_id
  if (typeof child === "string" && child.length > 0 && child.length <= LIMITS.runIdChars)
    turn.child_run_id = child
  for (const field of VALUES) {
    const value = asJson(input[field], spare)
    if (value !== undefined) turn[field] = value
  }
  const attributes = asJson(withUnknown(input), spare)
  if (attributes !== undefined && attributes !== null)
    turn.attributes = isRecord(attributes) ? attributes : { attributes }
  return { turn, bytes: utf8Bytes(JSON.stringify(turn)) }
}

/** The attributes, and with them what the protocol has no field for: nothing that an agent hands in is lost for its name. */
function withUnknown(input: AgentTurn): unknown {
  const unknown = Object.entries(input).filter(([field]) => !FIELDS.has(field))
  if (unknown.length === 0) return input.attributes
  const { attributes } = input
  const given = typeof attributes === "object" && attributes !== null ? attributes : { attributes }
  return { ...Object.fromEntries(unknown), ...given }
}

function asJson(raw: unknown, spare: { keys: number }): Json | undefined {
  const { value, keys, depth } = jsonCopy(raw)
  if (value === undefined) return undefined
  if (depth > MAX_DEPTH || keys > spare.keys) return JSON.stringify(value)
  spare.keys -= keys
  return value
}

function isRecord(value: Json): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function asText(raw: unknown): string {
  if (typeof raw === "string") return raw
  const { value } = jsonCopy(raw)
  return typeof value === "string" ? value : JSON.stringify(value ?? null)
}

function asTime(raw: unknown): string | undefined {
  if (typeof raw !== "string" && typeof raw !== "number" && !(raw instanceof Date)) return undefined
  const time = new Date(raw)
  return Number.isNaN(time.getTime()) || time.getUTCFullYear() > 9999 || time.getUTCFullYear() < 0
    ? undefined
    : time.toISOString()
}

function isAmount(raw: unknown): raw is number {
  return typeof raw === "number" && Number.isFinite(raw) && raw >= 0
}

function asUsage(raw: TurnInput["usage"]): TurnInput["usage"] {
  if (typeof raw !== "object" || raw === null) return undefined
  const usage: NonNullable<TurnInput["usage"]> = {}
  for (const field of [
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_creation_input_tokens",
    "reasoning_tokens",
  ] as const) {
    const tokens = raw[field]
    if (isAmount(tokens) && tokens <= Number.MAX_SAFE_INTEGER) usage[field] = Math.round(tokens)
  }
  return usage
}

function asError(raw: unknown): { message: string; type?: string } {
  if (typeof raw !== "object" || raw === null) return { message: asText(raw) }
  if (raw instanceof Error) return { message: messageOf(raw), type: asText(raw.name) }
  const given = raw as { message?: unknown; type?: unknown }
  const message = given.message === undefined ? asText(raw) : asText(given.message)
  return given.type === undefined ? { message } : { message, type: asText(given.type) }
}
