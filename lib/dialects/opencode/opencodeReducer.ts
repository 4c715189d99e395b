import { countSkipped } from "@/lib/dialects/emitTurns"
import { asCount, asNumber, asObject, asText, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, Operation } from "@/lib/dialects/operations"
import {
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

/** One request to the model that hasn't finished. */
type Step = {
  texts: Map<string, string>
  thinking: Map<string, string>
  startedAt: string | undefined
  calls: string[]
}

type OpencodeState = PlainState & {
  roles: Map<string, string>
  step: Step | undefined
  /** Results of calls that ended before the step that made the calls. */
  heldResults: DialectTurn[]
}

/** Reads opencode's event log, `{ type, data }` in the order of sequence numbers. */
export function opencodeReducer(
  identity: SessionIdentity,
  options: SessionOptions,
): Reducer<OpencodeState, SessionInput> {
  return plainReducer(dialect, identity, options)
}

const dialect: PlainDialect<OpencodeState> = {
  tool: "opencode",
  initial: () => ({ ...plainState(), roles: new Map(), step: undefined, heldResults: [] }),
  take,
  flush: (state, run) => finishStep(state, undefined, run),
  knowsIdle: true,
}

function take(state: OpencodeState, input: unknown, run: PlainRun): Operation[] {
  const event = asObject(input)
  const data = asObject(event?.data)
  const type = asText(event?.type)?.replace(/\.\d+$/, "")
  if (data === undefined) return []
  if (type === "session.created" || type === "session.updated")
    return takeSession(state, asObject(data.info), run)
  if (type === "message.updated") return takeMessage(state, asObject(data.info), run)
  if (type === "message.part.updated") return takePart(state, asObject(data.part), asTime(data.time), run)
  countSkipped(state.skipped, type ?? "untyped")
  return []
}

function takeSession(state: OpencodeState, info: JsonObject | undefined, run: PlainRun): Operation[] {
  if (info === undefined) return []
  state.cwd ??= asText(info.directory)
  state.version ??= asText(info.version)
  const parent = asText(info.parentID)
  if (parent !== undefined) state.parent = `opencode:${parent}`
  const title = asText(info.title) ?? ""
  return /^(New|Child) session - /.test(title) ? [] : run.retitle(state, title)
}

function takeMessage(state: OpencodeState, info: JsonObject | undefined, run: PlainRun): Operation[] {
  const id = asText(info?.id)
  if (info === undefined || id === undefined) return []
  state.roles.set(id, asText(info.role) ?? "")
  if (info.role !== "assistant") return []
  const operations = run.remodel(state, asText(info.modelID))
  const completed = asTime(asObject(info.time)?.completed)
  if (completed === undefined || state.recorded.has(id)) return operations
  state.recorded.set(id, true)
  noteTime(state, completed)
  operations.push(...finishStep(state, undefined, run))
  const error = asObject(info.error)
  if (error !== undefined) operations.push(...takeError(state, error, completed, run))
  else if (info.finish !== "tool-calls") state.promptOpen = false
  return operations
}

function takeError(state: OpencodeState, error: JsonObject, at: string, run: PlainRun): Operation[] {
  const type = asText(error.name)
  const message = asText(asObject(error.data)?.message) ?? type ?? "The model API returned an error"
  if (type === "MessageAbortedError") {
    state.interrupted = true
    return run.emit(state, [{ kind: "system", event: "interrupted", message, started_at: at }])
  }
  state.modelError = message
  state.promptOpen = false
  const turn: DialectTurn = {
    kind: "system",
    event: "api_error",
    started_at: at,
    error: defined<NonNullable<DialectTurn["error"]>>({ message, type }),
  }
  return run.emit(state, [turn])
}

function takePart(
  state: OpencodeState,
  part: JsonObject | undefined,
  at: string | undefined,
  run: PlainRun,
): Operation[] {
  const id = asText(part?.id)
  if (part === undefined || id === undefined) return []
  noteTime(state, at)
  if (state.roles.get(asText(part.messageID) ?? "") === "user") return takePrompt(state, part, id, at, run)
  switch (part.type) {
    case "step-start":
      state.step = { texts: new Map(), thinking: new Map(), startedAt: state.lastAt ?? at, calls: [] }
      return []
    case "text":
      stepOf(state, at).texts.set(id, asText(part.text) ?? "")
      return []
    case "reasoning":
      stepOf(state, at).thinking.set(id, asText(part.text) ?? "")
      return []
    case "tool":
      return takeTool(state, part, at, run)
    case "step-finish":
      return state.recorded.has(id) ? [] : finishStep(state, { part, id, at }, run)
    default:
      countSkipped(state.skipped, `part ${asText(part.type)}`)
      return []
  }
}

function stepOf(state: OpencodeState, at: string | undefined): Step {
  state.step ??= { texts: new Map(), thinking: new Map(), startedAt: state.lastAt ?? at, calls: [] }
  return state.step
}

function takePrompt(
  state: OpencodeState,
  part: JsonObject,
  id: string,
  at: string | undefined,
  run: PlainRun,
): Operation[] {
  const text = asText(part.text)
  if (part.type !== "text" || part.synthetic === true || text === undefined || state.recorded.has(id))
    return []
  state.recorded.set(id, true)
  return run.prompt(state, text, at)
}

function takeTool(
  state: OpencodeState,
  part: JsonObject,
  at: string | undefined,
  run: PlainRun,
): Operation[] {
  const id = asText(part.callID) ?? asText(part.id) ?? ""
  const call = asObject(part.state) ?? {}
  const name = asText(part.tool) ?? "tool"
  if (state.recorded.has(id)) return []
  if (!state.calls.has(id)) stepOf(state, at).calls.push(id)
  if (call.status !== "completed" && call.status !== "error") {
    const startedAt = asTime(asObject(call.time)?.start) ?? at
    state.calls.set(id, { name, parameters: call.input, at: startedAt })
    state.promptOpen = true
    return []
  }
  state.recorded.set(id, true)
  state.calls.delete(id)
  const turn = toolTurn(name, id, call)
  state.lastAt = noteTime(state, asTime(asObject(call.time)?.end)) ?? state.lastAt
  if (state.step === undefined) return run.emit(state, [turn])
  state.heldResults.push(turn)
  return []
}

function toolTurn(name: string, id: string, call: JsonObject): DialectTurn {
  const time = asObject(call.time)
  const metadata = asObject(call.metadata)
  const failure = call.status === "error" ? (asText(call.error) ?? "The call failed") : undefined
  const rejected =
    failure !== undefined && /rejected permission|permission (was )?(denied|rejected)/i.test(failure)
  const child = name === "task" ? asText(metadata?.sessionId) : undefined
  return defined<DialectTurn>({
    kind: child === undefined ? "tool" : "agent",
    tool: name,
    parameters: call.input as Json | undefined,
    output: asText(call.output) ?? failure ?? "",
    call_id: id,
    started_at: asTime(time?.start),
    duration_ms: msBetween(asTime(time?.start), asTime(time?.end)),
    exit_code: asNumber(metadata?.exit),
    error: failure === undefined ? undefined : { message: failure },
    policy_rejected: rejected ? true : undefined,
    attributes: rejected ? { denied_by: "user" } : undefined,
    child: child === undefined ? undefined : `opencode:${child}`,
  })
}

/** Emits the turn of a step, with usage if the step is finished, and the results of the step's calls. */
function finishStep(
  state: OpencodeState,
  finish: { part: JsonObject; id: string; at: string | undefined } | undefined,
  run: PlainRun,
): Operation[] {
  const { step, heldResults } = state
  state.step = undefined
  state.heldResults = []
  if (finish !== undefined) state.recorded.set(finish.id, true)
  if (step === undefined) return run.emit(state, heldResults)
  const text = joined(step.texts)
  const tokens = asObject(finish?.part.tokens)
  if (finish === undefined && text === undefined && step.calls.length === 0)
    return run.emit(state, heldResults)
  if (text !== undefined) state.lastAnswer = text
  state.modelError = undefined
  const reason = asText(finish?.part.reason)
  const turn = defined<DialectTurn>({
    kind: "model",
    message: text,
    thinking: joined(step.thinking),
    model: state.model,
    response_id: asText(finish?.part.messageID),
    started_at: step.startedAt,
    duration_ms: msBetween(step.startedAt, finish?.at),
    usage: usageOf(tokens),
    cost_usd: asNumber(finish?.part.cost) || undefined,
    attributes: reason === undefined ? undefined : { finish_reason: reason },
  })
  return run.emit(state, [turn, ...heldResults])
}

function joined(texts: Map<string, string>): string | undefined {
  const given = [...texts.values()].filter((text) => text !== "")
  return given.length === 0 ? undefined : given.join("\n\n")
}

/** Converts usage. opencode's `input` excludes cached tokens and `output` excludes reasoning; the protocol's don't. */
function usageOf(tokens: JsonObject | undefined): DialectTurn["usage"] {
  if (tokens === undefined) return undefined
  const cache = asObject(tokens.cache)
  const input = asCount(tokens.input)
  const output = asCount(tokens.output)
  const cached = asCount(cache?.read)
  const created = asCount(cache?.write)
  const reasoning = asCount(tokens.reasoning)
  return defined<NonNullable<DialectTurn["usage"]>>({
    input_tokens: input === undefined ? undefined : input + (cached ?? 0) + (created ?? 0),
    output_tokens: output === undefined ? undefined : output + (reasoning ?? 0),
    cached_input_tokens: cached,
    cache_creation_input_tokens: created,
    reasoning_tokens: reasoning,
  })
}
