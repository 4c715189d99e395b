import type { AgentTurn } from "@/lib/agent/AgentTurn"
import { keepStart, utf8Bytes } from "@/lib/protocol/bytes"
import type { Json } from "@/lib/protocol/fields"
import { LIMITS } from "@/lib/protocol/limits"
import { asNumber, asText, isFields, readBlocks } from "@/lib/protocol/tolerance/values"
import type { TurnInput } from "@/lib/protocol/turn"
import { isoTimeOf } from "./isoTimeOf"
import { jsonCopy } from "./jsonCopy"
import { prepareError } from "./prepareError"

/** A turn for the wire, and the size of its JSON in UTF-8 bytes. */
export type PreparedTurn = { turn: TurnInput; bytes: number }

/** Below the server's limits, to leave room for the fields that the server adds. */
const MAX_DEPTH = LIMITS.jsonDepth - 4
const MAX_KEYS = LIMITS.keysPerTurn - 100

const TEXTS = ["prompt", "message", "thinking"]
const NAMES = ["tool", "event", "model", "call_id", "response_id"]
/** Fields that are copied. The server reads them in any form, and keeps values that don't fit as attributes. */
const COPIED = [
  ...["parameters", "output", "cli_outcome", "verifier_verdict", "kind", "usage", "policy_rejected", "path"],
  "child_run_id",
]
const NUMBERS = ["duration_ms", "cost_usd", "exit_code"]
const FIELDS: ReadonlySet<string> = new Set([
  ...TEXTS,
  ...NAMES,
  ...COPIED,
  ...NUMBERS,
  ...["started_at", "error", "attributes"],
  // Set only by this client or the server.
  ...["child", "index", "recorded_at", "truncated"],
])

/**
 * Prepares a turn for the server from any value; never throws. `null` means absent. Values with more keys or levels than
 * the protocol allows become their JSON text, and unknown fields go to `attributes`. Values that the server converts
 * (kinds and usage of other providers) or keeps as attributes (numbers and times that aren't) are left unchanged.
 */
export function prepareTurn(input: AgentTurn): PreparedTurn {
  const turn = new Preparation(input).finish()
  return { turn, bytes: utf8Bytes(JSON.stringify(turn)) }
}

class Preparation {
  private readonly turn: { [field: string]: Json | undefined } = {}
  /** Additional attributes. */
  private readonly extra: [name: string, value: unknown][] = []
  private readonly refused: { [field: string]: string } = {}
  private spareKeys = MAX_KEYS

  constructor(private readonly input: AgentTurn) {}

  finish(): TurnInput {
    for (const field of TEXTS) this.readText(field)
    for (const field of NAMES) this.readName(field)
    for (const field of COPIED) this.set(field, this.jsonOf(this.input[field]))
    for (const field of NUMBERS) {
      const value = this.jsonOf(this.input[field])
      this.set(field, asNumber(value) ?? value)
    }
    const { started_at } = this.input
    this.set("started_at", isoTimeOf(started_at) ?? this.jsonOf(started_at))
    this.readError()
    this.set("attributes", this.attributes())
    return this.turn as TurnInput
  }

  private set(field: string, value: Json | undefined): void {
    if (value !== undefined && value !== null) this.turn[field] = value
  }

  private readText(field: string): void {
    const { value } = jsonCopy(this.input[field])
    if (value === undefined || value === null) return
    const { text, isWhole } = typeof value === "object" ? readBlocks(value) : {}
    this.turn[field] = text ?? asText(value)
    if (text !== undefined && !isWhole) this.extra.push([field, value])
  }

  /** Shortens a name that is too long, and keeps the full name as an attribute. */
  private readName(field: string): void {
    const { value } = jsonCopy(this.input[field])
    if (value === undefined || value === null) return
    const text = asText(value)
    const short = keepStart(text, LIMITS.nameBytes)
    if (short !== text) this.refused[field] = text
    this.turn[field] = short
  }

  private readError(): void {
    const { error } = this.input
    const { value } = jsonCopy(error)
    if (value === undefined || value === null || value === false || value === "") return
    const stated = isFields(value) ? error : { message: value === true ? "error" : value }
    this.set("error", this.jsonOf(prepareError(stated)))
  }

  /** Returns the attributes and everything else without a field. A name that exists twice gets the prefix `turn.`. */
  private attributes(): Json | undefined {
    const unknown = Object.entries(this.input).filter(([field]) => !FIELDS.has(field))
    if (Object.keys(this.refused).length > 0) this.extra.push(["refused", this.refused])
    const more = [...unknown, ...this.extra]
    const { attributes } = this.input
    if (more.length === 0) return this.jsonOf(attributes)
    const { value } = jsonCopy(attributes)
    const isNone = value === undefined || value === null
    const given = isFields(value) ? value : isNone ? {} : { attributes: value }
    const named = more.map(([name, extra]): [string, unknown] => [
      Object.hasOwn(given, name) ? `turn.${name}` : name,
      extra,
    ])
    return this.jsonOf(Object.fromEntries([...named, ...Object.entries(given)]))
  }

  private jsonOf(raw: unknown): Json | undefined {
    const { value, keys, depth } = jsonCopy(raw)
    if (value === undefined) return undefined
    if (depth > MAX_DEPTH || keys > this.spareKeys) return JSON.stringify(value)
    this.spareKeys -= keys
    return value
  }
}
