import { fitsBytes } from "@/lib/protocol/bytes"
import type { CommandPayload } from "@/lib/protocol/catalog"
import { TURN_KINDS } from "@/lib/protocol/enums"
import { exactNumber } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import { includesCached } from "@/lib/protocol/tolerance/readUsage"
import { MAX_DURATION_MS } from "@/lib/protocol/tolerance/tolerantTurn"
import { TURN_FIELDS } from "@/lib/protocol/turn"

type Check = (value: unknown, nowMs: number) => boolean
type Loose = { [key: string]: unknown }

const DAY_MS = 86_400_000
const DAY = /(?:0[1-9]|1\d|2[0-8])/.source
const LATE = /(?:(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)/.source
const TIME = new RegExp(
  `^20\\d\\d-(?:(?:0[1-9]|1[0-2])-${DAY}|${LATE})T(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{3}Z$`,
)

// A number that JavaScript can't represent is a marked string, which the slow path converts to text.
const isText: Check = (value) => typeof value === "string" && exactNumber(value) === undefined
const isName: Check = (value) => isTextWithin(value) && fitsBytes(value, LIMITS.nameBytes)
const isRunId: Check = (value) => isTextWithin(value, LIMITS.runIdChars)
const isKey: Check = (value) => isTextWithin(value, LIMITS.idempotencyKeyChars)
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isAmount: Check = (value) => Number.isFinite(value) && (value as number) >= 0
const isJson: Check = (value) => value !== undefined && value !== null
const isTime: Check = (value, nowMs) =>
  typeof value === "string" && TIME.test(value) && Date.parse(value) <= nowMs + DAY_MS
const isDuration: Check = (value, nowMs) => isAmount(value, nowMs) && (value as number) <= MAX_DURATION_MS
const isKind: Check = (value) => (TURN_KINDS as readonly unknown[]).includes(value)
const isInteger: Check = (value) => Number.isSafeInteger(value)
const isPath: Check = (value) =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.length <= LIMITS.pathSteps &&
  value.every((step) => isName(step, 0))
const isFlag: Check = (value) => typeof value === "boolean"

const FIELDS: { readonly [name: string]: Check } = {
  kind: isKind,
  prompt: isText,
  message: isText,
  thinking: isText,
  tool: isName,
  parameters: isJson,
  output: isJson,
  event: isName,
  started_at: isTime,
  duration_ms: isDuration,
  model: isName,
  usage: isUsage,
  cost_usd: isAmount,
  error: isError,
  cli_outcome: isJson,
  verifier_verdict: isJson,
  policy_rejected: isFlag,
  child_run_id: isRunId,
  call_id: isName,
  response_id: isName,
  path: isPath,
  exit_code: isInteger,
  attributes: isAttributes,
}
/** The fields in the schema's order, in which they are stored. */
const ORDER = [...TURN_FIELDS]
const KNOWN = new Map(ORDER.map((name, at) => [name, { at, check: FIELDS[name] ?? (() => false) }]))
const USAGE = [
  "input_tokens",
  "output_tokens",
  "cached_input_tokens",
  "cache_creation_input_tokens",
  "reasoning_tokens",
]

/**
 * The fast path for batches in a common form: returns exactly what `tolerantPayload` and the schema would return, in a
 * tenth of the time (ADR 15). Undefined for any other form, valid or not. The payload must be JSON whose depth has been
 * checked.
 */
export function quickBatch(payload: Loose, nowMs: number): CommandPayload<"runs.record_turns"> | undefined {
  const { run_id, turns, idempotency_key: key, expected_index: expected, progress } = payload
  if (!isRunId(run_id, nowMs) || !Array.isArray(turns) || turns.length === 0) return undefined
  if (turns.length > LIMITS.turnsPerBatch) return undefined
  if (key !== undefined && !isKey(key, nowMs)) return undefined
  if (progress !== undefined) return undefined
  if (expected !== undefined && !isCount(expected, nowMs)) return undefined
  const taken: Loose[] = []
  for (const turn of turns) {
    const quick = quickTurn(turn, nowMs)
    if (quick === undefined) return undefined
    taken.push(quick)
  }
  const batch: Loose = { run_id, turns: taken }
  if (key !== undefined) batch.idempotency_key = key
  if (expected !== undefined) batch.expected_index = expected
  // Every field has been checked above.
  return batch as CommandPayload<"runs.record_turns">
}

/** Returns the turn with its fields in order; the same object if they are already in order. */
function quickTurn(turn: unknown, nowMs: number): Loose | undefined {
  if (!isPlain(turn)) return undefined
  let last = -1
  let sorted = true
  for (const name of Object.keys(turn)) {
    const field = KNOWN.get(name)
    if (field === undefined || !field.check(turn[name], nowMs)) return undefined
    if (field.at < last) sorted = false
    last = field.at
  }
  if (sorted) return turn
  const inOrder: Loose = {}
  for (const name of ORDER) if (turn[name] !== undefined) inOrder[name] = turn[name]
  return inOrder
}

/** Returns true for text that isn't empty and has at most `maxChars`. */
function isTextWithin(value: unknown, maxChars = Number.POSITIVE_INFINITY): value is string {
  return isText(value, 0) && value !== "" && (value as string).length <= maxChars
}

function isPlain(value: unknown): value is Loose {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function isUsage(value: unknown): boolean {
  if (!isPlain(value)) return false
  let last = -1
  for (const name of Object.keys(value)) {
    const at = USAGE.indexOf(name)
    if (at <= last || !isCount(value[name], 0)) return false
    last = at
  }
  return last >= 0 && includesCached(value)
}

function isError(value: unknown): boolean {
  if (!isPlain(value) || !isText(value.message, 0)) return false
  const [first, second, ...more] = Object.keys(value)
  if (first !== "message" || more.length > 0) return false
  return second === undefined || (second === "type" && isText(value.type, 0))
}

/** Returns true for attributes without the names `__proto__` and `constructor`, which are left to the schema. */
function isAttributes(value: unknown): boolean {
  return isPlain(value) && !Object.hasOwn(value, "__proto__") && !Object.hasOwn(value, "constructor")
}
