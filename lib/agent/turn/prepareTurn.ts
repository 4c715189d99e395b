import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { utf8Bytes } from "@/lib/protocol/bytes"
import type { Json } from "@/lib/protocol/fields"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { cutText } from "./cutText"
import { isoTimeOf } from "./isoTimeOf"
import { jsonCopy } from "./jsonCopy"
import { prepareError } from "./prepareError"

/** A turn for the wire, and the size of its JSON in UTF-8 bytes. */
export type PreparedTurn = { turn: TurnInput; bytes: number }

/** Below the server's limits, to leave room for the fields that the server adds. */
const MAX_DEPTH = LIMITS.jsonDepth - 4
const MAX_KEYS = LIMITS.keysPerTurn - 100

const TEXTS = ["prompt", "message", "thinking"] as const
const NAMES = ["kind", "tool", "event", "model", "call_id", "response_id"] as const
const VALUES = ["parameters", "output", "cli_outcome", "verifier_verdict"] as const
const AMOUNTS = ["duration_ms", "cost_usd"] as const
/** Fields whose invalid values are kept in `attributes.refused`. */
const CHECKED = [
  "started_at",
  ...AMOUNTS,
  "policy_rejected",
  "exit_code",
  "path",
  "child_run_id",
  "usage",
] as const

const FIELDS: ReadonlySet<string> = new Set([
  ...TEXTS,
  ...NAMES,
  ...VALUES,
  ...AMOUNTS,
  ...["started_at", "usage", "error", "policy_rejected", "path", "exit_code"],
  ...["child", "child_run_id", "attributes", "index", "recorded_at", "truncated"],
])

/**
 * Prepares a turn for the server from any value; never throws. `null` means absent. Values with more keys or levels
 * than the protocol allows become their JSON text, and unknown fields go to `attributes`. Names that the server maps
 * (kinds, usage of other providers) are left unchanged.
 */
export function prepareTurn(input: AgentTurn): PreparedTurn {
  const turn: Record<string, Json | undefined> = {}
  const spare = { keys: MAX_KEYS }
  for (const field of TEXTS) if (isPresent(input[field])) turn[field] = textOf(input[field])
  for (const field of NAMES)
    if (isPresent(input[field])) turn[field] = cutText(textOf(input[field]), LIMITS.nameBytes)
  const startedAt = isoTimeOf(input.started_at)
  if (startedAt !== undefined) turn.started_at = startedAt
  for (const field of AMOUNTS) {
    const amount = amountOf(input[field])
    if (amount !== undefined) turn[field] = amount
  }
  const usage = isPresent(input.usage) ? jsonOf(input.usage, spare) : undefined
  if (isRecord(usage)) turn.usage = usage
  if (isPresent(input.error)) turn.error = jsonOf(prepareError(input.error), spare)
  if (typeof input.policy_rejected === "boolean") turn.policy_rejected = input.policy_rejected
  if (Number.isSafeInteger(input.exit_code)) turn.exit_code = input.exit_code
  if (Array.isArray(input.path))
    turn.path = Array.from(input.path.slice(0, LIMITS.pathSteps), (step) =>
      cutText(textOf(step), LIMITS.nameBytes),
    )
  const child = input.child_run_id
  if (typeof child === "string" && child.length > 0 && child.length <= LIMITS.runIdChars)
    turn.child_run_id = child
  for (const field of VALUES) {
    const value = jsonOf(input[field], spare)
    if (value !== undefined && value !== null) turn[field] = value
  }
  const given = jsonOf(withUnknownFields(input), spare)
  const attributes = isRecord(given) || !isPresent(given) ? given : { attributes: given }
  const refused = jsonOf(unusable(input, turn), spare)
  if (isPresent(refused)) turn.attributes = { ...attributes, refused }
  else if (isPresent(attributes)) turn.attributes = attributes
  return { turn: turn as TurnInput, bytes: utf8Bytes(JSON.stringify(turn)) }
}

/** Returns the invalid values by field, or undefined if there are none. */
function unusable(input: AgentTurn, turn: Record<string, Json | undefined>): object | undefined {
  const refused = CHECKED.filter((field) => isPresent(input[field]) && turn[field] === undefined)
  return refused.length === 0 ? undefined : Object.fromEntries(refused.map((field) => [field, input[field]]))
}

/** Returns the attributes, plus the fields that the protocol doesn't define. */
function withUnknownFields(input: AgentTurn): unknown {
  const unknown = Object.entries(input).filter(([field]) => !FIELDS.has(field))
  if (unknown.length === 0) return input.attributes
  const { attributes } = input
  const given = typeof attributes === "object" ? attributes : { attributes }
  return { ...Object.fromEntries(unknown), ...given }
}

function jsonOf(raw: unknown, spare: { keys: number }): Json | undefined {
  const { value, keys, depth } = jsonCopy(raw)
  if (value === undefined) return undefined
  if (depth > MAX_DEPTH || keys > spare.keys) return JSON.stringify(value)
  spare.keys -= keys
  return value
}

function isRecord(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isPresent<T>(value: T | null | undefined): value is T {
  return value !== undefined && value !== null
}

/** Returns a non-negative number, converted from text or a bigint if necessary. Undefined for other values. */
function amountOf(raw: unknown): number | undefined {
  const isNumeric = typeof raw === "bigint" || (typeof raw === "string" && raw.trim() !== "")
  const number = isNumeric ? Number(raw) : raw
  return typeof number === "number" && Number.isFinite(number) && number >= 0 ? number : undefined
}

function textOf(raw: unknown): string {
  if (typeof raw === "string") return raw
  const { value } = jsonCopy(raw)
  return typeof value === "string" ? value : JSON.stringify(value ?? null)
}
