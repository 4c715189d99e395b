import { TURN_FIELDS, type TurnBody, type TurnInput } from "@/lib/protocol/turn"

/** What the server alone says of a turn. */
const SERVER_FIELDS: ReadonlySet<string> = new Set(["index", "recorded_at", "truncated"])

/**
 * Makes a turn, as an agent sent it, ready for storing: defaults filled in, unknown top-level fields put under
 * `attributes`, the server's own fields dropped. An attribute given as such keeps its name; a top-level field
 * of the same name is kept as `turn.<name>`. Never mutates; own keys named `__proto__` stay plain data.
 */
export function normaliseTurn(turn: TurnInput & Record<string, unknown>): TurnBody {
  const body: Record<string, unknown> = { kind: turn.tool === undefined ? "model" : "tool" }
  const unknown: [string, unknown][] = []
  for (const key of Object.keys(turn)) {
    const value = turn[key]
    if (value === undefined || SERVER_FIELDS.has(key) || key === "attributes") continue
    // Only names of a turn's own fields are assigned: none of them reaches a setter.
    if (TURN_FIELDS.has(key)) body[key] = value
    else unknown.push([key, value])
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
