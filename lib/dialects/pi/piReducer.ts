import { countSkipped } from "@/lib/dialects/emitTurns"
import { asArray, asCount, asNumber, asObject, asText, defined, type JsonObject } from "@/lib/dialects/json"
import { mediaText } from "@/lib/dialects/media"
import type { DialectTurn, ForeignTime, Operation } from "@/lib/dialects/operations"
import {
  exitCodeInOutput,
  noteTime,
  type PlainDialect,
  type PlainRun,
  type PlainState,
  plainReducer,
  plainState,
} from "@/lib/dialects/plainSession"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { SessionIdentity, SessionInput, SessionOptions } from "@/lib/dialects/session"
import { asTime, msBetween } from "@/lib/dialects/times"
import type { Json } from "@/lib/protocol/fields"

/** Reads pi's sessions: a tree of entries in chronological order. */
export function piReducer(
  identity: SessionIdentity,
  options: SessionOptions,
): Reducer<PlainState, SessionInput> {
  return plainReducer(dialect, identity, options)
}

const dialect: PlainDialect<PlainState> = { tool: "pi", initial: plainState, take, knowsIdle: true }

function take(state: PlainState, input: unknown, run: PlainRun): Operation[] {
  const entry = asObject(input)
  if (entry?.type === "session") {
    state.cwd ??= asText(entry.cwd)
    takeOrigin(state, entry)
    return []
  }
  const id = asText(entry?.id)
  if (entry === undefined || id === undefined || state.recorded.has(id)) return []
  state.recorded.set(id, true)
  const written = asTime(entry.timestamp)
  const isCopy = state.forkedAt !== undefined && written !== undefined && written < state.forkedAt
  if (isCopy && entry.type !== "model_change" && entry.type !== "session_info") return []
  const at = noteTime(state, written)
  if (entry.type === "model_change") return run.remodel(state, asText(entry.modelId))
  if (entry.type === "session_info") return run.retitle(state, asText(entry.name) ?? "")
  if (entry.type === "compaction") {
    const message = asText(entry.summary)
    const turn = defined<DialectTurn>({ kind: "system", event: "compaction", message, started_at: at })
    return run.emit(state, [turn])
  }
  const message = asObject(entry.message)
  if (entry.type === "message" && message !== undefined) return takeMessage(state, message, at, run)
  countSkipped(state.skipped, asText(entry.type) ?? "untyped")
  return []
}

/** Reads a forked session's origin. The session's file begins with copies of the origin's entries. */
function takeOrigin(state: PlainState, header: JsonObject): void {
  const origin = /_([0-9a-f-]{36})\.jsonl$/.exec(asText(header.parentSession) ?? "")?.[1]
  if (origin === undefined) return
  state.origin = origin
  state.forkedAt = asTime(header.timestamp)
}

function takeMessage(
  state: PlainState,
  message: JsonObject,
  at: ForeignTime | undefined,
  run: PlainRun,
): Operation[] {
  if (message.role === "user") {
    const text = textOf(message.content)
    return text === "" ? [] : run.prompt(state, text, at)
  }
  if (message.role === "assistant") return takeAnswer(state, message, at, run)
  if (message.role === "toolResult") return takeResult(state, message, at, run)
  countSkipped(state.skipped, `role ${asText(message.role)}`)
  return []
}

function takeAnswer(
  state: PlainState,
  message: JsonObject,
  at: ForeignTime | undefined,
  run: PlainRun,
): Operation[] {
  const blocks = asArray(message.content)
    .map(asObject)
    .filter((block) => block !== undefined)
  const calls = blocks.filter((block) => block.type === "toolCall")
  const text = asText(textOf(message.content))
  const failure =
    message.stopReason === "error" ? (asText(message.errorMessage) ?? "The model failed") : undefined
  const aborted = message.stopReason === "aborted"
  const operations = run.remodel(state, asText(message.model))
  const names = calls.map((call) => ({ id: asText(call.id) ?? "", name: asText(call.name) ?? "tool" }))
  const startedAt = asTime(message.timestamp) ?? state.lastAt ?? at
  const usage = asObject(message.usage)
  const turn = defined<DialectTurn>({
    kind: "model",
    message: text,
    thinking: thinkingOf(blocks),
    model: asText(message.model),
    response_id: asText(message.responseId),
    started_at: startedAt,
    duration_ms: msBetween(startedAt, at),
    usage: usageOf(usage),
    cost_usd: asNumber(asObject(usage?.cost)?.total),
    error: failure === undefined ? undefined : { message: failure },
    attributes: names.length === 0 ? undefined : { tool_calls: names },
  })
  if (text !== undefined) state.lastAnswer = text
  state.modelError = failure
  operations.push(...run.emit(state, [turn]))
  for (const [index, call] of calls.entries()) {
    const named = names[index]
    if (named !== undefined) state.calls.set(named.id, { name: named.name, parameters: call.arguments, at })
  }
  state.promptOpen = calls.length > 0 || aborted
  state.interrupted = aborted
  return operations
}

function thinkingOf(blocks: JsonObject[]): string | undefined {
  const texts = blocks.map((block) => asText(block.thinking)).filter((text) => text !== undefined)
  return texts.length === 0 ? undefined : texts.join("\n\n")
}

/** Converts usage. pi's `input` excludes cached tokens; the protocol's `input_tokens` includes them. */
function usageOf(usage: JsonObject | undefined): DialectTurn["usage"] {
  const input = asCount(usage?.input)
  if (usage === undefined || input === undefined) return undefined
  const cached = asCount(usage.cacheRead)
  const created = asCount(usage.cacheWrite)
  return defined<NonNullable<DialectTurn["usage"]>>({
    input_tokens: input + (cached ?? 0) + (created ?? 0),
    output_tokens: asCount(usage.output),
    cached_input_tokens: cached,
    cache_creation_input_tokens: created,
  })
}

function takeResult(
  state: PlainState,
  message: JsonObject,
  at: ForeignTime | undefined,
  run: PlainRun,
): Operation[] {
  const id = asText(message.toolCallId) ?? ""
  const call = state.calls.get(id)
  state.calls.delete(id)
  state.lastAt = at ?? state.lastAt
  const output = textOf(message.content)
  const turn = defined<DialectTurn>({
    kind: "tool",
    tool: asText(message.toolName) ?? call?.name ?? "tool",
    parameters: call?.parameters as Json | undefined,
    output,
    call_id: id,
    started_at: call?.at ?? at,
    duration_ms: msBetween(call?.at, at),
    exit_code: exitCodeInOutput(output),
    error: message.isError === true ? { message: output || "The call failed" } : undefined,
  })
  return run.emit(state, [turn])
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content
  return asArray(content)
    .map(asObject)
    .map((block) => (block?.type === "text" ? asText(block.text) : mediaText(block)))
    .filter((text) => text !== undefined)
    .join("\n\n")
}
