import type { DialectTurn } from "@/lib/dialects/operations"
import { isDuration } from "@/lib/dialects/times"
import { keepStart, utf8Bytes } from "@/lib/protocol/bytes"
import type { Json } from "@/lib/protocol/fields"
import { LIMITS } from "@/lib/protocol/limits"
import { checkShape } from "@/lib/protocol/shape"
import type { TurnInput } from "@/lib/protocol/turn"

/** Lower than the protocol's limits, because fields are added to the turn before it is checked. */
const MAX_DEPTH = LIMITS.jsonDepth - 4
const MAX_KEYS = LIMITS.keysPerTurn - 200
const EARLIEST_MS = Date.UTC(2000, 0, 1)
const DAY_MS = 86_400_000
/**
 * The maximum number of tokens: more than any call uses, and small enough that the sum of a run's turns stays an exact
 * integer.
 */
const MAX_TOKENS = 1e10
const MAX_COST = 1e9

export type PreparedTurn = { turn: TurnInput; bytes: number }

/**
 * Makes a turn of a foreign format fit the protocol's limits: cuts names, converts values with too many keys or levels
 * to text, and cuts long values until the turn fits. `id` is added as an attribute, by which the turn is recognized
 * later.
 */
export function prepareTurn(
  { child: _child, ...given }: DialectTurn,
  id: string | undefined,
  now: number,
  maxBytes: number,
): PreparedTurn {
  const turn: TurnInput = { ...given }
  for (const field of ["tool", "event", "model", "call_id", "response_id"] as const) {
    const value = turn[field]
    if (value !== undefined) turn[field] = cutName(value)
  }
  if (turn.path !== undefined) turn.path = turn.path.slice(-LIMITS.pathSteps).map(cutName)
  if (turn.started_at !== undefined && !isPlausible(turn.started_at, now)) delete turn.started_at
  dropImpossibleNumbers(turn)
  const attributes: Record<string, Json> = { ...turn.attributes }
  if (id !== undefined && attributes.span_id !== id) attributes.source_id = id
  if (Object.keys(attributes).length > 0) turn.attributes = attributes
  for (const field of ["parameters", "output"] as const) {
    const value = turn[field]
    if (value !== undefined && isTooComplex(value)) turn[field] = JSON.stringify(value)
  }
  if (isTooComplex(turn.attributes)) turn.attributes = { attributes: JSON.stringify(turn.attributes) }
  return shrink(turn, maxBytes)
}

/** Drops numbers that would distort a run's totals or that the protocol doesn't accept. */
function dropImpossibleNumbers(turn: TurnInput): void {
  if (turn.duration_ms !== undefined && !isDuration(turn.duration_ms)) delete turn.duration_ms
  if (turn.exit_code !== undefined && !Number.isSafeInteger(turn.exit_code)) delete turn.exit_code
  if (turn.cost_usd !== undefined && !(turn.cost_usd >= 0 && turn.cost_usd <= MAX_COST)) delete turn.cost_usd
  if (turn.usage === undefined) return
  const counts = Object.entries(turn.usage).filter(([, count = 0]) => count >= 0 && count <= MAX_TOKENS)
  turn.usage = Object.fromEntries(counts)
}

function isTooComplex(value: unknown): boolean {
  return checkShape(value, MAX_DEPTH, MAX_KEYS) !== undefined
}

/** Returns true if a time is between 2000 and tomorrow. */
export function isPlausible(time: string, now: number): boolean {
  const ms = Date.parse(time)
  return ms >= EARLIEST_MS && ms <= now + DAY_MS
}

function shrink(turn: TurnInput, maxBytes: number): PreparedTurn {
  let bytes = utf8Bytes(JSON.stringify(turn))
  for (const field of [
    "output",
    "prompt",
    "parameters",
    "message",
    "thinking",
    "attributes",
    "error",
  ] as const) {
    if (bytes <= maxBytes) break
    const value = turn[field]
    if (value === undefined) continue
    const text = typeof value === "string" ? value : JSON.stringify(value)
    const size = utf8Bytes(text)
    const room = Math.max(1_024, size - (bytes - maxBytes) - 1_024)
    if (room >= size) continue
    const cut = `${keepStart(text, Math.floor(room / 2))}\n[cut: ${size} bytes in all]`
    if (field === "attributes") turn.attributes = { attributes: cut }
    else if (field === "error") turn.error = { message: cut }
    else turn[field] = cut
    bytes = utf8Bytes(JSON.stringify(turn))
  }
  return { turn, bytes }
}

export function cutName(text: string): string {
  return keepStart(text, LIMITS.nameBytes)
}
