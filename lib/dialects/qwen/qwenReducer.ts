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

/** State of a chat, with data from telemetry records, which precede the records that they belong to. */
type QwenState = PlainState & {
  response: { id: string | undefined; ms: number | undefined } | undefined
  callTimes: Map<string, { ms: number | undefined; denied: boolean }>
}

/** Reads Qwen Code's chats, including those of its sub-agents. */
export function qwenReducer(
  identity: SessionIdentity,
  options: SessionOptions,
): Reducer<QwenState, SessionInput> {
  return plainReducer(dialect, identity, options)
}

const dialect: PlainDialect<QwenState> = {
  tool: "qwen-code",
  initial: () => ({ ...plainState(), response: undefined, callTimes: new Map() }),
  take,
  knowsIdle: true,
}

function take(state: QwenState, input: unknown, run: PlainRun): Operation[] {
  const record = asObject(input)
  const id = asText(record?.uuid)
  if (record === undefined || id === undefined || state.recorded.has(id)) return []
  state.recorded.set(id, true)
  state.cwd ??= asText(record.cwd)
  state.branch ??= asText(record.gitBranch)
  state.version ??= asText(record.version)
  const at = noteTime(state, asTime(record.timestamp))
  if (record.type === "user") return takeUser(state, record, at, run)
  if (record.type === "assistant") return takeAnswer(state, record, at, run)
  if (record.type === "tool_result") return takeResult(state, record, at, run)
  if (record.type === "system") return takeSystem(state, record, at, run)
  countSkipped(state.skipped, asText(record.type) ?? "untyped")
  return []
}

function parts(record: JsonObject): JsonObject[] {
  return asArray(asObject(record.message)?.parts)
    .map(asObject)
    .filter((part) => part !== undefined)
}

function takeUser(
  state: QwenState,
  record: JsonObject,
  at: ForeignTime | undefined,
  run: PlainRun,
): Operation[] {
  const text = parts(record)
    .map((part) => asText(part.text) ?? mediaText(part))
    .filter((each) => each !== undefined)
    .join("\n")
  const typed = record.provenance === undefined || record.provenance === "real_user"
  if (text === "") return []
  if (typed || !state.started) return run.prompt(state, text, at)
  state.promptOpen = true
  const turn = defined<DialectTurn>({ kind: "system", event: "notification", message: text, started_at: at })
  return run.emit(state, [turn])
}

function takeAnswer(
  state: QwenState,
  record: JsonObject,
  at: ForeignTime | undefined,
  run: PlainRun,
): Operation[] {
  const all = parts(record)
  const texts = all.filter((part) => part.thought !== true).map((part) => asText(part.text))
  const thoughts = all.filter((part) => part.thought === true).map((part) => asText(part.text))
  const calls = all.map((part) => asObject(part.functionCall)).filter((call) => call !== undefined)
  const message = join(texts)
  const operations = run.remodel(state, asText(record.model))
  const names = calls.map((call) => ({ id: asText(call.id) ?? "", name: asText(call.name) ?? "tool" }))
  const turn = defined<DialectTurn>({
    kind: "model",
    message,
    thinking: join(thoughts),
    model: asText(record.model),
    response_id: state.response?.id,
    started_at: state.lastAt ?? at,
    duration_ms: state.response?.ms ?? msBetween(state.lastAt, at),
    usage: usageOf(asObject(record.usageMetadata)),
    attributes: names.length === 0 ? undefined : { tool_calls: names },
  })
  state.response = undefined
  state.modelError = undefined
  if (message !== undefined) state.lastAnswer = message
  operations.push(...run.emit(state, [turn]))
  for (const [index, call] of calls.entries()) {
    const named = names[index]
    if (named !== undefined) state.calls.set(named.id, { name: named.name, parameters: call.args, at })
  }
  state.promptOpen = calls.length > 0
  return operations
}

function join(texts: (string | undefined)[]): string | undefined {
  const given = texts.filter((text) => text !== undefined)
  return given.length === 0 ? undefined : given.join("\n\n")
}

/** Converts usage. Qwen Code's `promptTokenCount` includes cached tokens, as the protocol's `input_tokens` does. */
function usageOf(usage: JsonObject | undefined): DialectTurn["usage"] {
  if (usage === undefined) return undefined
  return defined<NonNullable<DialectTurn["usage"]>>({
    input_tokens: asCount(usage.promptTokenCount),
    output_tokens: asCount(usage.candidatesTokenCount),
    cached_input_tokens: asCount(usage.cachedContentTokenCount),
    reasoning_tokens: asCount(usage.thoughtsTokenCount),
  })
}

function takeResult(
  state: QwenState,
  record: JsonObject,
  at: ForeignTime | undefined,
  run: PlainRun,
): Operation[] {
  const result = asObject(record.toolCallResult) ?? {}
  const turns = parts(record)
    .map((part) => asObject(part.functionResponse))
    .filter((response) => response !== undefined)
    .map((response) => resultTurn(state, response, result, at))
  state.lastAt = at ?? state.lastAt
  return run.emit(state, turns)
}

function resultTurn(
  state: QwenState,
  response: JsonObject,
  result: JsonObject,
  at: ForeignTime | undefined,
): DialectTurn {
  const id = asText(response.id) ?? asText(result.callId) ?? ""
  const call = state.calls.get(id)
  const times = state.callTimes.get(id)
  state.calls.delete(id)
  state.callTimes.delete(id)
  const body = asObject(response.response)
  const failure = asText(body?.error)
  const output = asText(body?.output) ?? failure ?? ""
  const denied = times?.denied === true || result.status === "cancelled"
  const failed = failure !== undefined || result.status === "error" || denied
  return defined<DialectTurn>({
    kind: "tool",
    tool: asText(response.name) ?? call?.name ?? "tool",
    parameters: call?.parameters as Json | undefined,
    output,
    call_id: id,
    started_at: call?.at ?? at,
    duration_ms: times?.ms ?? msBetween(call?.at, at),
    exit_code: exitCodeInOutput(output),
    error: failed ? { message: output || "The call failed" } : undefined,
    policy_rejected: denied ? true : undefined,
    attributes: denied ? { denied_by: "user" } : undefined,
  })
}

function takeSystem(
  state: QwenState,
  record: JsonObject,
  at: ForeignTime | undefined,
  run: PlainRun,
): Operation[] {
  const payload = asObject(record.systemPayload)
  if (record.subtype === "chat_compression") {
    const turn = defined<DialectTurn>({ kind: "system", event: "compaction", started_at: at })
    return run.emit(state, [turn])
  }
  const event = asObject(payload?.uiEvent)
  const name = asText(event?.["event.name"])
  const ms = asNumber(event?.duration_ms)
  if (name === "qwen-code.api_response") state.response = { id: asText(event?.response_id), ms }
  else if (name === "qwen-code.tool_call") {
    const id = asText(event?.call_id) ?? ""
    state.callTimes.set(id, { ms, denied: event?.decision === "reject" })
    if (state.callTimes.size > 200) state.callTimes.clear()
  } else if (name === "qwen-code.api_error") {
    const message = asText(event?.error_message) ?? asText(event?.error) ?? "The model API returned an error"
    state.modelError = message
    const turn = defined<DialectTurn>({
      kind: "system",
      event: "api_error",
      started_at: at,
      error: { message },
    })
    return run.emit(state, [turn])
  }
  return []
}
