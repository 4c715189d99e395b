import { asArray, asObject, asText, type JsonObject, parseIfStructured } from "@/lib/dialects/json"
import type { Json } from "@/lib/protocol/fields"
import type { Message } from "./Message"
import { readMessages } from "./readMessages"

/** A model's answer, with fields that only the raw response has. */
export type Answer = {
  messages: Message[]
  finish?: string
  responseId?: string
  model?: string
  usage?: JsonObject
}

/**
 * Reads a provider's raw request, or a bare list of messages: system text and history, oldest first.
 * Returns undefined if the value contains no messages.
 */
export function readRequest(raw: Json | undefined): Message[] | undefined {
  const value = parseIfStructured(raw)
  if (Array.isArray(value)) return orUndefined(readMessages(value))
  const request = asObject(value)
  if (request === undefined) return undefined
  const config = asObject(request.config) ?? asObject(request.generationConfig)
  const system =
    request.system ??
    request.instructions ??
    request.systemInstruction ??
    request.system_instruction ??
    config?.systemInstruction ??
    config?.system_instruction
  const history = request.messages ?? request.input ?? request.contents ?? request.prompt
  if (history === undefined && system === undefined) return undefined
  return orUndefined([...readMessages(system, "system").map(asSystem), ...readMessages(history)])
}

function asSystem(message: Message): Message {
  return { ...message, role: "system" }
}

/** Reads a provider's raw response, a list with one response, or bare messages. Undefined if there is no answer. */
export function readResponse(raw: Json | undefined): Answer | undefined {
  const value = parseIfStructured(raw)
  const single = Array.isArray(value) && value.length === 1 ? asObject(value[0]) : undefined
  const isWrapped = single !== undefined && ["choices", "candidates", "output"].some((name) => name in single)
  if (Array.isArray(value) && !isWrapped) {
    const messages = readMessages(value, "assistant")
    return messages.length === 0 ? undefined : { messages }
  }
  const response = isWrapped ? single : asObject(value)
  if (response === undefined) return undefined
  const messages = answerMessages(response)
  if (messages.length === 0) return undefined
  const choice = asObject(asArray(response.choices)[0]) ?? asObject(asArray(response.candidates)[0])
  const answer: Answer = { messages }
  const finish =
    asText(choice?.finish_reason) ??
    asText(choice?.finishReason) ??
    asText(response.stop_reason) ??
    asText(response.finishReason) ??
    asText(response.finish_reason)
  if (finish !== undefined) answer.finish = finish
  const id = asText(response.id) ?? asText(response.responseId)
  if (id !== undefined && response.lc === undefined) answer.responseId = id
  const model = asText(response.model) ?? asText(response.modelVersion)
  if (model !== undefined) answer.model = model
  const usage =
    asObject(response.usage) ?? asObject(response.usageMetadata) ?? asObject(response.usage_metadata)
  if (usage !== undefined) answer.usage = usage
  return answer
}

function answerMessages(response: JsonObject): Message[] {
  const choices = asArray(response.choices)
  if (choices.length > 0)
    return readMessages(asObject(choices[0])?.message ?? asObject(choices[0])?.delta ?? null, "assistant")
  const candidate = asObject(asArray(response.candidates)[0])
  if (candidate !== undefined) return assistant(candidate.content)
  const generation = asArray(asArray(response.generations)[0] ?? null)[0] ?? asArray(response.generations)[0]
  const message = asObject(generation)?.message
  if (message !== undefined) return readMessages(message as Json, "assistant")
  if (generation !== undefined && asText(asObject(generation)?.text) !== undefined)
    return readMessages(asObject(generation)?.text ?? null, "assistant")
  if (asObject(response.message) !== undefined) return readMessages(response.message, "assistant")
  if (response.lc !== undefined || response.role !== undefined)
    return readMessages(response as Json, "assistant")
  if (Array.isArray(response.output)) return readMessages(response.output, "assistant")
  if (
    response.content !== undefined &&
    (response.type === "message" ||
      Array.isArray(response.content) ||
      asObject(response.content) !== undefined)
  )
    return assistant(response.content)
  if (response.text !== undefined || response.toolCalls !== undefined)
    return readMessages(
      { role: "assistant", content: response.text ?? "", tool_calls: response.toolCalls ?? [] },
      "assistant",
    )
  return []
}

/** Returns the parts of one answer as an assistant message. Some providers call its role `model`. */
function assistant(content: Json | undefined): Message[] {
  const parts = asObject(content)?.parts ?? content
  return readMessages({ role: "assistant", content: parts ?? null })
}

function orUndefined(messages: Message[]): Message[] | undefined {
  return messages.length === 0 ? undefined : messages
}
