import { asArray, asObject, asText, type JsonObject, parseIfStructured } from "@/lib/dialects/json"
import type { Json } from "@/lib/protocol/fields"
import { isLangChain, readLangChain } from "./langChain"
import type { Message, Part } from "./Message"
import { makeResult, readCall, readContent, readToolCall } from "./readParts"

const ROLES: { readonly [name: string]: Message["role"] } = {
  system: "system",
  developer: "system",
  user: "user",
  human: "user",
  assistant: "assistant",
  ai: "assistant",
  model: "assistant",
  tool: "tool",
  function: "tool",
}

function roleOf(raw: unknown): Message["role"] | undefined {
  return typeof raw === "string" && Object.hasOwn(ROLES, raw.toLowerCase())
    ? ROLES[raw.toLowerCase()]
    : undefined
}

/**
 * Reads a list of messages in any provider's format: OpenTelemetry's parts, OpenAI's chat and responses, Anthropic's
 * blocks, the AI SDK's, Gemini's contents, LangChain's objects. JSON text is parsed first. Anything else is skipped.
 *
 * @param role the role of messages that don't name one.
 */
export function readMessages(raw: Json | undefined, role: Message["role"] = "user"): Message[] {
  const value = parseIfStructured(raw)
  if (typeof value === "string") return value === "" ? [] : [{ role, parts: [{ type: "text", text: value }] }]
  if (Array.isArray(value)) {
    // LangChain wraps the messages of a call in another list.
    const only = value.length === 1 ? value[0] : undefined
    if (Array.isArray(only)) return readMessages(only, role)
    const pair = readPair(value)
    if (pair !== undefined) return [pair]
    return joinItems(value.flatMap((item) => readMessage(item, role)))
  }
  const object = asObject(value)
  return object === undefined ? [] : readMessage(object as Json, role)
}

/** Reads `["human", "text"]`. */
function readPair(value: readonly Json[]): Message | undefined {
  if (value.length !== 2 || typeof value[0] !== "string" || typeof value[1] !== "string") return undefined
  const role = roleOf(value[0])
  return role === undefined ? undefined : { role, parts: readContent(value[1]) }
}

function readMessage(raw: Json, fallback: Message["role"]): Message[] {
  if (typeof raw === "string") return raw === "" ? [] : [{ role: fallback, parts: readContent(raw) }]
  if (Array.isArray(raw)) {
    const pair = readPair(raw)
    return pair === undefined ? [] : [pair]
  }
  const object = asObject(raw)
  if (object === undefined) return []
  if (isLangChain(object)) return readLangChain(object)
  const inner = asObject(object.message)
  if (inner !== undefined && object.role === undefined) return readMessage(inner as Json, fallback)
  const item = readItem(object)
  if (item !== undefined) return [item]
  const role = roleOf(object.role)
  if (role === undefined) {
    // A bare list of parts, such as system instructions.
    const parts = readContent(raw)
    return parts.length === 0 ? [] : [{ role: fallback, parts }]
  }
  return splitResults({ role, parts: readBody(object, role) })
}

/** Reads an item of OpenAI's Responses API that isn't a message. */
function readItem(object: JsonObject): Message | undefined {
  if (object.role !== undefined) return undefined
  const type = asText(object.type) ?? ""
  if (type === "function_call_output" || type === "custom_tool_call_output")
    return {
      role: "tool",
      parts: [makeResult(asText(object.call_id), undefined, object.output ?? null, undefined)],
    }
  if (type === "function_call" || type === "custom_tool_call") {
    const call = readCall({ ...object, type: "function_call" })
    return call === undefined ? undefined : { role: "assistant", parts: call }
  }
  if (type === "reasoning") return { role: "assistant", parts: readContent([object as Json]) }
  return undefined
}

function readBody(object: JsonObject, role: Message["role"]): Part[] {
  if (role === "tool" && !Array.isArray(object.parts)) {
    const id = asText(object.tool_call_id) ?? asText(object.toolCallId) ?? asText(object.id)
    const blocks = asArray(object.content)
    const typed = blocks.some((block) => asText(asObject(block)?.type)?.includes("tool"))
    if (!typed)
      return [
        makeResult(
          id,
          asText(object.name),
          object.content ?? null,
          object.is_error === true ? true : undefined,
        ),
      ]
  }
  const parts = Array.isArray(object.parts) ? readContent(object.parts) : readContent(object.content)
  const refusal = asText(object.refusal)
  if (refusal !== undefined) parts.push({ type: "text", text: refusal })
  const thinking = asText(object.reasoning_content) ?? asText(object.reasoning)
  if (thinking !== undefined) parts.unshift({ type: "thinking", text: thinking })
  const ids = new Set(parts.flatMap((part) => (part.type === "call" ? [part.id] : [])))
  const calls = [...asArray(object.tool_calls), ...asArray(object.toolCalls)].flatMap(readToolCall)
  const single = asObject(object.function_call)
  if (single !== undefined) calls.push(...readToolCall(single as Json))
  for (const call of calls) if (call.id === undefined || !ids.has(call.id)) parts.push(call)
  return parts
}

/** Moves tool results, which Anthropic and Gemini send in a user message, to a separate message. */
function splitResults(message: Message): Message[] {
  const results = message.parts.filter((part) => part.type === "result")
  if (results.length === 0 || message.role === "tool") return [message]
  const rest = message.parts.filter((part) => part.type !== "result")
  const messages: Message[] = [{ role: "tool", parts: results }]
  if (rest.length > 0) messages.push({ role: message.role, parts: rest })
  return messages
}

/** Joins the neighboring items of one answer (thinking, text, calls) of the Responses API into one message. */
function joinItems(messages: readonly Message[]): Message[] {
  const joined: Message[] = []
  for (const message of messages) {
    const last = joined.at(-1)
    if (message.role === "assistant" && last?.role === "assistant")
      joined[joined.length - 1] = { role: "assistant", parts: [...last.parts, ...message.parts] }
    else joined.push(message)
  }
  return joined
}
