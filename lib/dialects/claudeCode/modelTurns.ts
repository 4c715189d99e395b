import { asCount, asNumber, asObject, asText, compact, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn } from "@/lib/dialects/operations"
import { asTime, msBetween } from "@/lib/dialects/times"
import type { Json } from "@/lib/protocol/fields"
import { noteAnswer } from "./compactionUsage"
import type { ClaudeCodeState, PendingMessage } from "./state"

/** Stop reasons after which the model continues its answer. */
const UNFINISHED = new Set(["tool_use", "pause_turn"])

/** Processes one block of an answer. Returns the turns that it completes. */
export function takeBlock(state: ClaudeCodeState, record: JsonObject, block: JsonObject): DialectTurn[] {
  const turns: DialectTurn[] = []
  const at = asTime(record.timestamp)
  const message = pendingFor(state, record, at)
  message.at = at ?? message.at
  if (block.type === "thinking") push(message.thinking, block.thinking)
  if (block.type === "text") push(message.texts, block.text)
  if (block.type === "tool_use") turns.push(...takeCall(state, message, block, at))
  else if (block.type === "text" && isFinal(message)) turns.push(...completeMessage(state))
  return turns
}

function push(texts: string[], text: unknown): void {
  const given = asText(text)
  if (given !== undefined) texts.push(given)
}

function pendingFor(state: ClaudeCodeState, record: JsonObject, at: string | undefined): PendingMessage {
  const message = asObject(record.message) ?? {}
  const id = asText(message.id) ?? asText(record.uuid) ?? ""
  const known = state.message?.id === id ? state.message : undefined
  const pending = known ?? startMessage(state, id, record, at)
  pending.model = asText(message.model) ?? pending.model
  pending.usage = asObject(message.usage) ?? pending.usage
  pending.stopReason = asText(message.stop_reason) ?? pending.stopReason
  if (record.isAbortedMidStream === true) pending.aborted = true
  state.message = pending
  return pending
}

function startMessage(
  state: ClaudeCodeState,
  id: string,
  record: JsonObject,
  at: string | undefined,
): PendingMessage {
  const request = asText(record.requestRef)
  // The request's start time belongs to the message's first turn; later text starts when it was written.
  const startedAt = state.recorded.has(id)
    ? at
    : ((request === undefined ? undefined : state.requests.get(request)) ?? state.lastAt ?? at)
  const unknown = { model: undefined, usage: undefined, stopReason: undefined, at: undefined }
  return { id, texts: [], thinking: [], startedAt, aborted: false, ...unknown }
}

function isFinal({ stopReason, aborted }: PendingMessage): boolean {
  return aborted || (stopReason !== undefined && !UNFINISHED.has(stopReason))
}

function takeCall(
  state: ClaudeCodeState,
  message: PendingMessage,
  block: JsonObject,
  at: string | undefined,
): DialectTurn[] {
  const id = asText(block.id) ?? ""
  const name = asText(block.name) ?? "tool"
  const first = !state.recorded.has(message.id)
  const turns =
    first || message.texts.length > 0
      ? completeMessage(state, first ? { tool_calls: [{ id, name }] } : undefined)
      : []
  state.calls.set(id, { name, input: block.input, at })
  if (name === "Agent" || name === "Task") state.costs.hasAgents = true
  return turns
}

/** Completes the pending answer, unless it is empty. */
export function completeMessage(
  state: ClaudeCodeState,
  attributes?: { tool_calls: { id: string; name: string }[] },
): DialectTurn[] {
  const { message } = state
  state.message = undefined
  if (message === undefined) return []
  const first = !state.recorded.has(message.id)
  const empty = message.texts.length === 0 && message.thinking.length === 0
  if (empty && (attributes === undefined || !first)) return []
  state.recorded.set(message.id, true)
  settle(state, message)
  if (first && message.usage !== undefined) noteAnswer(state, message.model, message.usage)
  const turn = defined<DialectTurn>({
    kind: "model",
    prompt: state.task,
    message: joined(message.texts, "\n\n"),
    thinking: joined(message.thinking, "\n\n"),
    model: message.model,
    response_id: message.id,
    started_at: message.startedAt,
    duration_ms: first ? msBetween(message.startedAt, message.at) : undefined,
    usage: first ? usageOf(message.usage) : undefined,
    attributes: attributesOf(message, attributes),
  })
  state.task = undefined
  return [turn]
}

/** Updates the session's state: the last answer, and whether the prompt has been answered. */
function settle(state: ClaudeCodeState, message: PendingMessage): void {
  const answer = joined(message.texts, "\n\n")
  if (answer !== undefined) state.lastAnswer = answer
  state.modelError = undefined
  if (message.aborted) state.promptOpen = true
  else if (isFinal(message)) state.promptOpen = false
}

function attributesOf(
  message: PendingMessage,
  attributes: { tool_calls: { id: string; name: string }[] } | undefined,
): DialectTurn["attributes"] {
  const given = compact<Json>({
    ...attributes,
    finish_reason: message.stopReason,
    aborted: message.aborted || undefined,
  })
  return Object.keys(given).length === 0 ? undefined : given
}

function joined(texts: string[], separator: string): string | undefined {
  return texts.length === 0 ? undefined : texts.join(separator)
}

/** Converts usage. Anthropic's `input_tokens` excludes cached tokens; the protocol's includes them. */
function usageOf(usage: JsonObject | undefined): DialectTurn["usage"] {
  if (usage === undefined) return undefined
  const cached = asCount(usage.cache_read_input_tokens)
  const created = asCount(usage.cache_creation_input_tokens)
  const input = asCount(usage.input_tokens)
  const details = asObject(usage.output_tokens_details)
  const thinking = asNumber(details?.thinking_tokens)
  return defined<NonNullable<DialectTurn["usage"]>>({
    input_tokens: input === undefined ? undefined : input + (cached ?? 0) + (created ?? 0),
    output_tokens: asCount(usage.output_tokens),
    cached_input_tokens: cached,
    cache_creation_input_tokens: created,
    reasoning_tokens: thinking === undefined || thinking <= 0 ? undefined : Math.round(thinking),
  })
}
