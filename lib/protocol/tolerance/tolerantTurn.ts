import { keepStart } from "@/lib/protocol/bytes"
import { TURN_KINDS } from "@/lib/protocol/enums"
import { LIMITS } from "@/lib/protocol/limits"
import { TURN_FIELDS } from "@/lib/protocol/turn"
import { isImpossibleTime, readTime } from "./readTime"
import { readUsage } from "./readUsage"
import { asNumber, asText, type Fields, isFields, ownField, readBlocks, statedMessage } from "./values"

/** 100 years. */
export const MAX_DURATION_MS = 100 * 365.25 * 86_400_000

const TEXTS = ["prompt", "message", "thinking"]
const NAMES = ["tool", "event", "model", "call_id", "response_id"]
const KINDS: ReadonlyMap<string, string> = new Map([
  ...TURN_KINDS.map((kind): [string, string] => [kind, kind]),
  ...["assistant", "llm", "generation", "chat"].map((kind): [string, string] => [kind, "model"]),
  ["user", "human"],
  ...["function", "tool_call", "retriever"].map((kind): [string, string] => [kind, "tool"]),
])

/**
 * Converts a received turn to the schema's form as far as possible. Values without a field go to `attributes`, and
 * implausible ones (a time in 1970, a negative duration) to `attributes.refused`, so that an invalid field never makes
 * the server refuse the batch. Never mutates.
 */
export function tolerantTurn(sent: Fields, nowMs: number): Fields {
  return new TurnReader(sent, nowMs).read()
}

class TurnReader {
  readonly #sent: Fields
  readonly #nowMs: number
  readonly #turn: [string, unknown][] = []
  /** Additional attributes. */
  readonly #extra: [string, unknown][] = []
  readonly #refused: [string, unknown][] = []

  constructor(sent: Fields, nowMs: number) {
    this.#sent = sent
    this.#nowMs = nowMs
  }

  read(): Fields {
    for (const [name, value] of Object.entries(this.#sent)) {
      if (value === null || value === undefined || name === "attributes") continue
      if (TURN_FIELDS.has(name)) this.#readField(name, value)
      // Unknown fields pass through here; `normalizeTurn` moves them to the attributes.
      else this.#turn.push([name, value])
    }
    this.#readAttributes(ownField(this.#sent, "attributes"))
    return Object.fromEntries(this.#turn)
  }

  #set(name: string, value: unknown): void {
    this.#turn.push([name, value])
  }

  #refuse(name: string, value: unknown): void {
    this.#refused.push([name, value])
  }

  #readField(name: string, value: unknown): void {
    if (TEXTS.includes(name)) this.#readText(name, value)
    else if (NAMES.includes(name)) this.#readName(name, value)
    else if (name === "kind") this.#readKind(value)
    else if (name === "started_at") this.#readStart(value)
    else if (name === "duration_ms") this.#readAmount(name, value, MAX_DURATION_MS)
    else if (name === "cost_usd") this.#readAmount(name, value, Number.MAX_VALUE)
    else if (name === "usage") this.#readUsage(value)
    else if (name === "error") this.#readError(value)
    else if (name === "exit_code") this.#readExitCode(value)
    else if (name === "policy_rejected") this.#readFlag(name, value)
    else if (name === "child_run_id") this.#readRunId(name, value)
    else if (name === "path") this.#readPath(value)
    // Any JSON value is allowed here.
    else this.#set(name, value)
  }

  /** Content blocks become their text. If there is more to them, such as citations, they are kept as an attribute. */
  #readText(name: string, value: unknown): void {
    const { text, isWhole } = typeof value === "object" && value !== null ? readBlocks(value) : {}
    this.#set(name, text ?? asText(value))
    if (text !== undefined && !isWhole) this.#extra.push([name, value])
  }

  /** Shortens a name that is too long, and keeps the full name as an attribute. */
  #readName(name: string, value: unknown): void {
    const text = asText(value)
    const short = keepStart(text, LIMITS.nameBytes)
    if (short !== text) this.#refuse(name, text)
    if (short !== "") this.#set(name, short)
  }

  #readKind(value: unknown): void {
    const kind = typeof value === "string" ? KINDS.get(value.toLowerCase()) : undefined
    if (kind !== undefined) this.#set("kind", kind)
    if (kind !== value) this.#extra.push(["kind", value])
  }

  #readStart(value: unknown): void {
    const time = readTime(value)
    if (time === undefined || isImpossibleTime(time, this.#nowMs)) this.#refuse("started_at", value)
    else this.#set("started_at", time)
  }

  #readAmount(name: string, value: unknown, max: number): void {
    const amount = asNumber(value)
    if (amount === undefined || amount < 0 || amount > max) this.#refuse(name, value)
    else this.#set(name, amount)
  }

  #readUsage(value: unknown): void {
    if (!isFields(value)) {
      this.#refuse("usage", value)
      return
    }
    const { usage, rest } = readUsage(value)
    if (Object.keys(usage).length > 0) this.#set("usage", usage)
    if (Object.keys(rest).length > 0) this.#extra.push(["usage", rest])
  }

  #readError(value: unknown): void {
    if (value === false || value === "") return
    if (!isFields(value)) {
      this.#set("error", { message: value === true ? "error" : asText(value) })
      return
    }
    const { message: _, type, ...others } = value
    const fields = Object.entries(others).filter(([, item]) => item !== null && item !== undefined)
    this.#set("error", {
      message: asText(statedMessage(value) ?? value),
      ...(type !== undefined && type !== null && { type: asText(type) }),
      ...Object.fromEntries(fields),
    })
  }

  #readExitCode(value: unknown): void {
    const code = asNumber(value)
    if (Number.isSafeInteger(code)) this.#set("exit_code", code)
    else this.#refuse("exit_code", value)
  }

  #readFlag(name: string, value: unknown): void {
    if (value === true || value === 1 || value === "true") this.#set(name, true)
    else if (value === false || value === 0 || value === "false") this.#set(name, false)
    else this.#refuse(name, value)
  }

  #readRunId(name: string, value: unknown): void {
    const text = asText(value)
    if (text.length >= 1 && text.length <= LIMITS.runIdChars) this.#set(name, text)
    else this.#refuse(name, value)
  }

  #readPath(value: unknown): void {
    const steps = (Array.isArray(value) ? value : [value]).filter(
      (step) => step !== null && step !== undefined,
    )
    const names = steps.map((step) => keepStart(asText(step), LIMITS.nameBytes))
    const fits = names.length <= LIMITS.pathSteps && names.every((name, at) => name === asText(steps[at]))
    if (!fits) this.#refuse("path", value)
    if (names.length > 0) this.#set("path", names.slice(0, LIMITS.pathSteps))
  }

  #readAttributes(given: unknown): void {
    if (this.#refused.length > 0) this.#extra.push(["refused", Object.fromEntries(this.#refused)])
    const isNone = given === null || given === undefined
    if (isNone && this.#extra.length === 0) return
    const own = isFields(given) ? given : isNone ? {} : { attributes: given }
    const extra = this.#extra.map(([name, value]): [string, unknown] => {
      const given = ownField(own, name)
      // A client library may have refused other values already.
      if (name === "refused" && isFields(given) && isFields(value)) return [name, { ...given, ...value }]
      return [Object.hasOwn(own, name) ? `turn.${name}` : name, value]
    })
    this.#set("attributes", Object.fromEntries([...Object.entries(own), ...extra]))
  }
}
