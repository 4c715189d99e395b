import { keepStart } from "@/lib/protocol/bytes"
import type { CommandName } from "@/lib/protocol/catalog"
import { WAITING_KINDS } from "@/lib/protocol/enums"
import { LIMITS } from "@/lib/protocol/limits"
import { readOutcome } from "./readOutcome"
import { isImpossibleTime, readTime } from "./readTime"
import { tolerantTurn } from "./tolerantTurn"
import { asNumber, asText, type Fields, isFields } from "./values"

const NUMBERS = new Set(["expected_index", "cursor", "limit", "index", "from", "turn_index"])
const TIMES = new Set(["started_after", "started_before", "failed_since"])
const TEXTS = new Set([
  "intent",
  "agent_id",
  "agent_name",
  "outcome_description",
  "reason",
  "q",
  "idempotency_key",
])
const LISTS = new Set(["status", "outcome", "turns"])

/**
 * Converts a command's payload to its schema's form as far as possible: null for an optional field means absent,
 * times and numbers may have other forms, and other names are mapped. Anything unknown is left unchanged, so that the
 * schema refuses it. Accepts any JSON value; never mutates it. `nowMs` is the server's time.
 */
export function tolerantPayload(name: CommandName, sent: Fields, nowMs: number): Fields {
  const payload: [string, unknown][] = []
  for (const [field, value] of Object.entries(sent)) {
    const isCleared = value === null && field === "progress"
    if (isCleared) payload.push([field, null])
    else if (value !== null && value !== undefined) {
      const read = readField(name, field, value, nowMs)
      if (read !== undefined) payload.push([field, read])
    }
  }
  return Object.fromEntries(payload)
}

function readField(command: CommandName, name: string, value: unknown, nowMs: number): unknown {
  if (command === "runs.complete" && name === "outcome") return readOutcome(value)
  if (name === "turns") return readTurns(value, nowMs)
  if (name === "progress") return readProgress(value)
  if (name === "labels") return isFields(value) ? readLabels(value) : value
  if (name === "started_at") return readStart(value, nowMs)
  if (name === "overlaps" && isFields(value)) return mapFields(value, (item) => readTime(item) ?? item)
  if (name === "parent" || name === "continues") return readRunRef(value)
  if (name === "source") return readSource(value)
  if (name === "grace_ms") return readGrace(value)
  if (NUMBERS.has(name)) return asNumber(value) ?? value
  if (TIMES.has(name)) return readTime(value) ?? value
  if (TEXTS.has(name)) return asText(value)
  if (LISTS.has(name) && !Array.isArray(value)) return [value]
  return value
}

function mapFields(fields: Fields, map: (value: unknown, name: string) => unknown): Fields {
  const entries = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name, map(value, name)]))
}

function readTurns(value: unknown, nowMs: number): unknown {
  const turns: unknown[] = Array.isArray(value) ? value : [value]
  return turns.map((turn) => {
    if (typeof turn === "string") return { message: turn }
    return isFields(turn) ? tolerantTurn(turn, nowMs) : turn
  })
}

function readLabels(labels: Fields): Fields {
  return mapFields(labels, asText)
}

/** Reads the start time of a run. Returns undefined for an implausible time, so that the run starts now. */
function readStart(value: unknown, nowMs: number): unknown {
  const time = readTime(value)
  return time === undefined || isImpossibleTime(time, nowMs) ? undefined : time
}

function readRunRef(value: unknown): unknown {
  if (typeof value === "string") return { run_id: value }
  return isFields(value)
    ? mapFields(value, (item, name) => (name === "turn_index" ? (asNumber(item) ?? item) : item))
    : value
}

function readSource(value: unknown): unknown {
  if (typeof value === "string") return { name: keepStart(value, LIMITS.nameBytes) }
  return isFields(value) ? mapFields(value, (item) => keepStart(asText(item), LIMITS.nameBytes)) : value
}

function readGrace(value: unknown): unknown {
  const ms = asNumber(value)
  if (ms === undefined) return value
  return Math.round(Math.min(Math.max(ms, LIMITS.minGraceMs), LIMITS.maxGraceMs))
}

function readProgress(value: unknown): unknown {
  if (typeof value === "string") return { text: value }
  if (!isFields(value)) return value
  const progress = mapFields(value, readProgressField)
  return Object.fromEntries(Object.entries(progress).filter(([, item]) => item !== undefined))
}

function readProgressField(value: unknown, name: string): unknown {
  if (name === "kind" || name === "tool" || name === "model")
    return keepStart(asText(value), LIMITS.nameBytes)
  if (name === "prompt" || name === "text" || name === "text_delta") return asText(value)
  if (name === "started_at") return readTime(value)
  if (name === "waiting_kind") return (WAITING_KINDS as readonly unknown[]).includes(value) ? value : "other"
  if (name !== "waiting_for") return value
  if (value === false) return ""
  return value === true ? "something" : keepStart(asText(value), LIMITS.noteBytes)
}
