import { asCount, asObject, asText, defined, type JsonObject } from "@/lib/dialects/json"
import type { DialectTurn, ForeignTime } from "@/lib/dialects/operations"
import { asTime, msBetween } from "@/lib/dialects/times"
import type { CodexState, PendingAnswer } from "./state"

/** Returns the pending answer, and starts one if there is none. */
export function pendingAnswer(state: CodexState, at: ForeignTime | undefined): PendingAnswer {
  state.answer ??= {
    texts: [],
    thinking: [],
    calls: [],
    startedAt: state.lastAt ?? at,
    at,
    closed: false,
  }
  state.answer.at = at ?? state.answer.at
  return state.answer
}

/** Builds the turn of the pending answer, with the usage of its response if known. */
export function completeAnswer(
  state: CodexState,
  usage?: JsonObject,
  responseId?: string,
): DialectTurn | undefined {
  const { answer } = state
  state.answer = undefined
  if (answer === undefined && usage === undefined) return undefined
  const message = joined(answer?.texts)
  if (message !== undefined) state.lastAnswer = message
  state.modelError = undefined
  const calls = answer?.calls ?? []
  const startedAt = answer?.startedAt ?? state.lastAt
  const turn = defined<DialectTurn>({
    kind: "model",
    prompt: state.task,
    message,
    thinking: joined(answer?.thinking),
    model: state.model,
    response_id: responseId,
    started_at: startedAt,
    duration_ms: msBetween(startedAt, answer?.at),
    usage: usage === undefined ? undefined : usageOf(usage),
    attributes: calls.length === 0 ? undefined : { tool_calls: calls },
  })
  state.task = undefined
  return turn
}

/**
 * Returns the usage that a `token_count` event reports, unless it was already counted: Codex repeats a total before the
 * next request. Returns undefined if the thread has usage records, because these events only repeat them.
 */
export function usageOfTokenCount(state: CodexState, payload: JsonObject): JsonObject | undefined {
  if (state.usageRecords) return undefined
  const info = asObject(payload.info)
  const total = asObject(info?.total_token_usage)
  const tokens = asCount(total?.total_tokens) ?? sumOf(total)
  if (info === undefined || tokens === undefined || tokens === state.totalTokens) return undefined
  state.totalTokens = tokens
  return asObject(info.last_token_usage) ?? total
}

function sumOf(usage: JsonObject | undefined): number | undefined {
  const input = asCount(usage?.input_tokens)
  const output = asCount(usage?.output_tokens)
  return input === undefined && output === undefined ? undefined : (input ?? 0) + (output ?? 0)
}

function usageOf(usage: JsonObject): NonNullable<DialectTurn["usage"]> {
  return defined<NonNullable<DialectTurn["usage"]>>({
    input_tokens: asCount(usage.input_tokens),
    output_tokens: asCount(usage.output_tokens),
    cached_input_tokens: asCount(usage.cached_input_tokens),
    cache_creation_input_tokens: asCount(usage.cache_write_input_tokens),
    reasoning_tokens: asCount(usage.reasoning_output_tokens),
  })
}

function joined(texts: string[] | undefined): string | undefined {
  return texts === undefined || texts.length === 0 ? undefined : texts.join("\n\n")
}

/** Returns a record's time, as stated in the file. */
export function timeOf(record: JsonObject): ForeignTime | undefined {
  return asTime(asText(record.timestamp))
}
