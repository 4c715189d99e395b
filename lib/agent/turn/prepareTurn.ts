import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { utf8Bytes } from "@/lib/protocol/bytes"
import type { Json } from "@/lib/protocol/fields"
import { LIMITS } from "@/lib/protocol/limits"
import { tolerantTurn } from "@/lib/protocol/tolerance/tolerantTurn"
import { type Fields, isFields } from "@/lib/protocol/tolerance/values"
import type { TurnInput } from "@/lib/protocol/turn"
import { jsonCopy } from "./jsonCopy"
import { prepareError } from "./prepareError"

/** A turn for the wire, and the size of its JSON in UTF-8 bytes. */
export type PreparedTurn = { turn: TurnInput; bytes: number }

/** Below the server's limits, to leave room for the fields that the server adds. */
const MAX_DEPTH = LIMITS.jsonDepth - 4
const MAX_KEYS = LIMITS.keysPerTurn - 100

/** Fields that are prepared last, because their values rarely need any of the keys that a turn may have. */
const TEXTS: ReadonlySet<string> = new Set(["prompt", "message", "thinking"])
const NAMES = ["kind", "tool", "event", "model", "call_id", "response_id"]
const VALUES = ["parameters", "output", "cli_outcome", "verifier_verdict"]
const FIELDS: ReadonlySet<string> = new Set([
  ...TEXTS,
  ...NAMES,
  ...VALUES,
  ...["started_at", "duration_ms", "cost_usd", "usage", "error", "exit_code", "policy_rejected"],
  ...["path", "child_run_id", "attributes"],
])
/** Fields that only this client or the server sets. */
const IGNORED: ReadonlySet<string> = new Set(["child", "index", "recorded_at", "truncated"])

/**
 * Prepares a turn for the server from any value; never throws. Values have the same meaning as for the server: `null`
 * means absent, and values that don't fit a field go to `attributes`. Values with more keys or levels than the protocol
 * allows become their JSON text.
 */
export function prepareTurn(input: AgentTurn): PreparedTurn {
  // The server checks whether the times are plausible, because this machine's clock may be wrong.
  const turn = tolerantTurn(copyFields(input), Number.POSITIVE_INFINITY) as TurnInput
  return { turn, bytes: utf8Bytes(JSON.stringify(turn)) }
}

/** Returns a turn's fields as JSON, with fields that the protocol doesn't define among its attributes. */
function copyFields(input: AgentTurn): Fields {
  const spare = { keys: MAX_KEYS }
  const names = Object.keys(input).filter((name) => !IGNORED.has(name))
  const unknown = names.filter((name) => !FIELDS.has(name))
  const known = names.filter((name) => FIELDS.has(name) && name !== "attributes" && !TEXTS.has(name))
  const fields: Fields = {}
  for (const name of known) fields[name] = copyField(name, input[name], spare)
  fields.attributes = copyAttributes(input, unknown, spare)
  for (const name of TEXTS) fields[name] = jsonOf(input[name], spare)
  return fields
}

function copyField(name: string, raw: unknown, spare: { keys: number }): Json | undefined {
  const isError = name === "error" && isFields(jsonCopy(raw).value)
  return jsonOf(isError ? prepareError(raw) : raw, spare)
}

/** Returns the attributes and the unknown fields. If both have a name, the field is stored as `turn.<name>`. */
function copyAttributes(
  { attributes, ...input }: AgentTurn,
  unknown: string[],
  spare: { keys: number },
): Json | undefined {
  if (unknown.length === 0) return jsonOf(attributes, spare)
  const isNone = attributes === null || attributes === undefined
  const { value } = jsonCopy(attributes)
  const given: Fields = isFields(value) ? value : isNone ? {} : { attributes }
  const more = unknown.map((name): [string, unknown] => [
    Object.hasOwn(given, name) ? `turn.${name}` : name,
    input[name],
  ])
  return jsonOf(Object.fromEntries([...more, ...Object.entries(given)]), spare)
}

function jsonOf(raw: unknown, spare: { keys: number }): Json | undefined {
  const { value, keys, depth } = jsonCopy(raw)
  if (value === undefined) return undefined
  if (depth > MAX_DEPTH || keys > spare.keys) return JSON.stringify(value)
  spare.keys -= keys
  return value
}
