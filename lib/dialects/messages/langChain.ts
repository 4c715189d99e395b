import { asArray, asObject, asText, type JsonObject } from "@/lib/dialects/json"
import type { Json } from "@/lib/protocol/fields"
import type { Message, Part } from "./Message"
import { makeResult, readContent, readToolCall } from "./readParts"

const CLASSES: { readonly [name: string]: Message["role"] } = {
  SystemMessage: "system",
  HumanMessage: "user",
  AIMessage: "assistant",
  ToolMessage: "tool",
  FunctionMessage: "tool",
  ChatMessage: "user",
}

/** Roles by the `type` of messages that aren't serialized with their class: `human`, `ai`, … */
const TYPES: { readonly [name: string]: Message["role"] } = {
  system: "system",
  human: "user",
  ai: "assistant",
  tool: "tool",
  function: "tool",
}

/** Returns true for a LangChain message: serialized with its constructor, as `{ type, data }`, or as plain fields. */
export function isLangChain(object: JsonObject): boolean {
  return fieldsOf(object) !== undefined
}

export function readLangChain(object: JsonObject): Message[] {
  const found = fieldsOf(object)
  if (found === undefined) return []
  const { role, fields } = found
  if (role === "tool") return [{ role, parts: [readToolMessage(fields)] }]
  const parts: Part[] = readContent(fields.content)
  const extra = asObject(fields.additional_kwargs)
  const thinking = asText(extra?.reasoning_content)
  if (thinking !== undefined) parts.unshift({ type: "thinking", text: thinking })
  const calls = asArray(fields.tool_calls)
  const ids = new Set(parts.flatMap((part) => (part.type === "call" ? [part.id] : [])))
  for (const call of (calls.length > 0 ? calls : asArray(extra?.tool_calls)).flatMap(readToolCall))
    if (call.id === undefined || !ids.has(call.id)) parts.push(call)
  return [{ role, parts }]
}

/** Returns a tool's result with its call id from a ToolMessage, or undefined for any other value. */
export function toolMessage(value: Json | undefined): ReturnType<typeof makeResult> | undefined {
  const object = asObject(value)
  if (object === undefined) return undefined
  const found = fieldsOf(object)
  return found?.role === "tool" ? readToolMessage(found.fields) : undefined
}

function readToolMessage(fields: JsonObject) {
  return makeResult(
    asText(fields.tool_call_id),
    asText(fields.name),
    fields.content ?? null,
    fields.status === "error" ? true : undefined,
  )
}

function fieldsOf(object: JsonObject): { role: Message["role"]; fields: JsonObject } | undefined {
  const path = asArray(object.id)
  const last = path.at(-1)
  const kwargs = asObject(object.kwargs)
  if (object.lc !== undefined && typeof last === "string" && kwargs !== undefined) {
    const role = CLASSES[last.replace(/Chunk$/, "")]
    return role === undefined ? undefined : { role, fields: kwargs }
  }
  const type = asText(object.type)
  if (type === undefined || object.role !== undefined || !Object.hasOwn(TYPES, type)) return undefined
  const role = TYPES[type]
  if (role === undefined) return undefined
  const data = asObject(object.data)
  if (data !== undefined && "content" in data) return { role, fields: data }
  return "content" in object ? { role, fields: object } : undefined
}
