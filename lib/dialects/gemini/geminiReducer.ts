import { countSkipped } from "@/lib/dialects/emitTurns"
import { asArray, asCount, asObject, asText, defined, type JsonObject } from "@/lib/dialects/json"
import { mediaText } from "@/lib/dialects/media"
import type { DialectTurn, Operation } from "@/lib/dialects/operations"
import {
  exitCodeInOutput,
  noteTime,
  type PlainDialect,
  type PlainRun,
  type PlainState,
  plainReducer,
  plainState,
} from "@/lib/dialects/plainSession"
import type { SessionIdentity, SessionOptions } from "@/lib/dialects/session"
import { asTime, msBetween } from "@/lib/dialects/times"
import type { Json } from "@/lib/protocol/fields"

/**
 * Reads Gemini CLI's chat files. A model's message is written again, with the same id, after its tools have ended.
 * Until then, an answer whose tools are running looks like a finished answer.
 */
export function geminiReducer(
  identity: SessionIdentity,
  options: SessionOptions,
): ReturnType<typeof plainReducer<PlainState>> {
  return plainReducer(dialect, identity, options)
}

const dialect: PlainDialect<PlainState> = {
  tool: "gemini-cli",
  initial: plainState,
  take,
  knowsIdle: false,
  // Each process writes a header line.
  beginsProcess: ({ started }, record) => started && asText(asObject(record)?.startTime) !== undefined,
}

function take(state: PlainState, record: unknown, run: PlainRun): Operation[] {
  const object = asObject(record)
  const patch = asObject(object?.$set)
  if (patch !== undefined)
    return asArray(patch.messages).flatMap((message) => takeMessage(state, asObject(message), run))
  return takeMessage(state, object, run)
}

function takeMessage(state: PlainState, message: JsonObject | undefined, run: PlainRun): Operation[] {
  const id = asText(message?.id)
  if (message === undefined || id === undefined) return []
  if (message.type === "user") return takeUser(state, message, id, run)
  if (message.type === "gemini") return takeAnswer(state, message, id, run)
  if (message.type === "error") return takeError(state, message, id, run)
  countSkipped(state.skipped, asText(message.type) ?? "untyped")
  return []
}

function takeUser(state: PlainState, message: JsonObject, id: string, run: PlainRun): Operation[] {
  const text = textOf(message.content)
  if (text.startsWith("<session_context>")) {
    state.cwd ??= /Workspace Directories:\**\s*\n\s*- ([^\n]+)/.exec(text)?.[1]?.trim()
    return []
  }
  if (text === "" || state.recorded.has(id)) return []
  state.recorded.set(id, true)
  return run.prompt(state, text, noteTime(state, asTime(message.timestamp)))
}

function takeAnswer(state: PlainState, message: JsonObject, id: string, run: PlainRun): Operation[] {
  const at = noteTime(state, asTime(message.timestamp))
  const operations = run.remodel(state, asText(message.model))
  const calls = asArray(message.toolCalls)
    .map(asObject)
    .filter((call) => call !== undefined)
  if (!state.recorded.has(id)) {
    state.recorded.set(id, true)
    operations.push(...run.emit(state, [answerTurn(state, message, id)]))
    state.promptOpen = false
  }
  for (const call of calls) {
    const callId = asText(call.id) ?? ""
    if (state.recorded.has(callId)) continue
    state.recorded.set(callId, true)
    state.promptOpen = true
    state.lastAt = noteTime(state, asTime(call.timestamp)) ?? state.lastAt
    operations.push(...run.emit(state, [callTurn(call, callId, at)]))
  }
  return operations
}

function answerTurn(state: PlainState, message: JsonObject, id: string): DialectTurn {
  const at = asTime(message.timestamp)
  const text = asText(textOf(message.content))
  const thoughts = asArray(message.thoughts)
    .map((thought) => [asObject(thought)?.subject, asObject(thought)?.description])
    .map((parts) => parts.map(asText).filter(Boolean).join(": "))
    .filter(Boolean)
  if (text !== undefined) state.lastAnswer = text
  return defined<DialectTurn>({
    kind: "model",
    message: text,
    thinking: thoughts.length === 0 ? undefined : thoughts.join("\n\n"),
    model: asText(message.model),
    response_id: id,
    started_at: state.lastAt ?? at,
    duration_ms: msBetween(state.lastAt, at),
    usage: usageOf(asObject(message.tokens)),
  })
}

/** Converts usage. Gemini's `input` includes cached tokens, as the protocol's `input_tokens` does. */
function usageOf(tokens: JsonObject | undefined): DialectTurn["usage"] {
  if (tokens === undefined) return undefined
  return defined<NonNullable<DialectTurn["usage"]>>({
    input_tokens: asCount(tokens.input),
    output_tokens: asCount(tokens.output),
    cached_input_tokens: asCount(tokens.cached),
    reasoning_tokens: asCount(tokens.thoughts),
  })
}

function callTurn(call: JsonObject, id: string, startedAt: string | undefined): DialectTurn {
  const { output, failure } = resultOf(call)
  const cancelled = call.status === "cancelled"
  const failed = cancelled || call.status === "error" || failure !== undefined
  return defined<DialectTurn>({
    kind: "tool",
    tool: asText(call.name) ?? "tool",
    parameters: call.args as Json | undefined,
    output: output ?? failure,
    call_id: id,
    started_at: startedAt,
    duration_ms: msBetween(startedAt, asTime(call.timestamp)),
    exit_code: output === undefined ? undefined : exitCodeInOutput(output),
    error: failed ? { message: failure ?? output ?? "The call failed" } : undefined,
    policy_rejected: cancelled ? true : undefined,
    attributes: cancelled ? { denied_by: "user" } : undefined,
  })
}

function resultOf(call: JsonObject): { output: string | undefined; failure: string | undefined } {
  const responses = asArray(call.result)
    .map((part) => asObject(asObject(asObject(part)?.functionResponse)?.response))
    .filter((response) => response !== undefined)
  const outputs = responses.map((response) => asText(response.output)).filter((text) => text !== undefined)
  const errors = responses.map((response) => asText(response.error)).filter((text) => text !== undefined)
  const shown = asText(call.resultDisplay)
  return {
    output: outputs.length > 0 ? outputs.join("\n") : errors.length > 0 ? undefined : shown,
    failure: errors.length > 0 ? errors.join("\n") : undefined,
  }
}

function takeError(state: PlainState, message: JsonObject, id: string, run: PlainRun): Operation[] {
  if (state.recorded.has(id)) return []
  state.recorded.set(id, true)
  const at = noteTime(state, asTime(message.timestamp))
  const text = textOf(message.content) || "The model API returned an error"
  state.modelError = text
  const turn = defined<DialectTurn>({
    kind: "system",
    event: "api_error",
    started_at: at,
    error: { message: text },
  })
  return run.emit(state, [turn])
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content
  return asArray(content)
    .map(asObject)
    .map((part) => asText(part?.text) ?? mediaText(part))
    .filter((text) => text !== undefined)
    .join("\n")
}
