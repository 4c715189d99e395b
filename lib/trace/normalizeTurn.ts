import { TURN_FIELDS, type TurnBody, type TurnInput } from "@/lib/protocol/turn"
import { exitCodeOf } from "./exitCode"

/** Fields that only the server sets. */
const SERVER_FIELDS: ReadonlySet<string> = new Set([
  "index",
  "recorded_at",
  "truncated",
  "estimated_cost_usd",
])

/**
 * Prepares a turn for storage: fills in defaults and the exit code, moves unknown top-level fields to `attributes` and
 * drops the fields that only the server sets. If an attribute has the same name, the top-level field is stored as
 * `turn.<name>`. Never mutates; own keys named `__proto__` stay plain data.
 */
export function normalizeTurn(turn: TurnInput & Record<string, unknown>): TurnBody {
  const body: Record<string, unknown> = { kind: turn.tool === undefined ? "model" : "tool" }
  const unknown: [string, unknown][] = []
  for (const key of Object.keys(turn)) {
    const value = turn[key]
    if (value === undefined || SERVER_FIELDS.has(key) || key === "attributes") continue
    // Only names of the protocol's fields are assigned, and none of them is a setter.
    if (TURN_FIELDS.has(key)) body[key] = value
    else unknown.push([key, value])
  }
  if (turn.exit_code === undefined) {
    const exitCode = exitCodeOf(turn)
    if (exitCode !== undefined) body.exit_code = exitCode
  }
  if (turn.verifier_verdict === undefined) body.verifier_verdict = "not_run"
  const attributes = joinAttributes(turn.attributes, unknown)
  if (attributes !== undefined) body.attributes = attributes
  return body as TurnBody
}

function joinAttributes(given: TurnInput["attributes"], unknown: [string, unknown][]): unknown {
  if (unknown.length === 0) return given
  if (given === undefined) return Object.fromEntries(unknown)
  const own = new Set(Object.keys(given))
  const renamed = unknown.map(([key, value]): [string, unknown] => [
    own.has(key) ? `turn.${key}` : key,
    value,
  ])
  return Object.fromEntries([...renamed, ...Object.entries(given)])
}
