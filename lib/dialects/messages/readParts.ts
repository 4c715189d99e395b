import {
  asArray,
  asFlag,
  asObject,
  asText,
  type JsonObject,
  parseIfJson,
  parseIfStructured,
  toText,
} from "@/lib/dialects/json"
import type { Json } from "@/lib/protocol/fields"
import type { CallPart, Part, ResultPart } from "./Message"

/** Reads a message's content: text, or a list of parts in any provider's format. */
export function readContent(content: Json | undefined): Part[] {
  if (content === undefined || content === null) return []
  if (typeof content === "string") return content === "" ? [] : [{ type: "text", text: content }]
  if (Array.isArray(content)) return content.flatMap(readPart)
  const object = asObject(content)
  if (object === undefined) return [{ type: "text", text: toText(content) }]
  // Gemini nests the parts one level deeper.
  if (Array.isArray(object.parts)) return object.parts.flatMap(readPart)
  const part = readPart(object as Json)
  return part.length > 0 ? part : [{ type: "text", text: toText(content) }]
}

function readPart(raw: Json): Part[] {
  if (typeof raw === "string") return [{ type: "text", text: raw }]
  const part = asObject(raw)
  if (part === undefined) return []
  return readCall(part) ?? readResult(part) ?? readTextPart(part)
}

const THINKING = new Set(["thinking", "reasoning", "redacted_thinking", "reasoning_content"])

function readTextPart(part: JsonObject): Part[] {
  const type = asText(part.type) ?? ""
  if (THINKING.has(type) || part.thought === true) {
    const text = asText(part.thinking) ?? asText(part.reasoning) ?? asText(part.text) ?? asText(part.content)
    const summary = asArray(part.summary).flatMap((item) => asText(asObject(item)?.text) ?? [])
    const all = text ?? summary.join("\n")
    return all === "" ? [] : [{ type: "thinking", text: all }]
  }
  const bedrock = asText(asObject(asObject(part.reasoningContent)?.reasoningText)?.text)
  if (bedrock !== undefined) return [{ type: "thinking", text: bedrock }]
  const text = part.text ?? (type === "" || type.includes("text") ? part.content : undefined)
  if (typeof text === "string") return text === "" ? [] : [{ type: "text", text }]
  const nested = asObject(text)
  if (typeof nested?.value === "string") return [{ type: "text", text: nested.value }]
  if (type === "refusal" && typeof part.refusal === "string") return [{ type: "text", text: part.refusal }]
  if (type === "" && Object.keys(part).length === 0) return []
  return [{ type: "other", label: otherLabel(part, type) }]
}

function otherLabel(part: JsonObject, type: string): string {
  const media = asText(part.mediaType) ?? asText(part.mime_type) ?? asText(part.mimeType)
  const inline = asObject(part.inlineData ?? part.inline_data ?? part.source)
  const kind = media ?? asText(inline?.mimeType) ?? asText(inline?.media_type)
  const name = asText(part.filename) ?? asText(part.name)
  return [type === "" ? "content" : type, kind, name].filter((text) => text !== undefined).join(" ")
}

const CALLS = new Set(["tool_call", "tool_use", "tool-call", "function_call", "server_tool_use", "toolCall"])

/** Reads a tool call of OpenTelemetry, OpenAI, Anthropic, the AI SDK, Gemini, Bedrock or LangChain. */
export function readCall(part: JsonObject): CallPart[] | undefined {
  const nested = asObject(part.functionCall ?? part.function_call ?? part.toolUse)
  const call = asObject(part.function) ?? nested ?? part
  const type = asText(part.type) ?? ""
  const name = asText(call.name) ?? asText(part.toolName) ?? asText(part.tool_name)
  const isCall = CALLS.has(type) || nested !== undefined || (type === "function" && call !== part)
  if (!isCall || name === undefined) return undefined
  return [
    makeCall(
      name,
      asText(part.call_id) ??
        asText(part.toolCallId) ??
        asText(part.tool_call_id) ??
        asText(part.id) ??
        asText(call.id) ??
        asText(call.toolUseId),
      call,
    ),
  ]
}

/** Reads an entry of a message's `tool_calls`, which needs no type. */
export function readToolCall(raw: Json): CallPart[] {
  const part = asObject(raw)
  if (part === undefined) return []
  const call = asObject(part.function) ?? asObject(part.tool_call) ?? part
  const name = asText(call.name) ?? asText(part.toolName)
  if (name === undefined) return []
  return [makeCall(name, asText(part.id) ?? asText(part.toolCallId) ?? asText(call.id), call)]
}

function makeCall(name: string, id: string | undefined, call: JsonObject): CallPart {
  const raw = call.arguments ?? call.input ?? call.args ?? call.parameters ?? null
  const part: CallPart = { type: "call", name, arguments: parseIfStructured(raw) ?? null }
  if (id !== undefined) part.id = id
  return part
}

const RESULTS = new Set([
  "tool_call_response",
  "tool_result",
  "tool-result",
  "function_call_output",
  "web_search_tool_result",
])

function readResult(part: JsonObject): ResultPart[] | undefined {
  const gemini = asObject(part.functionResponse ?? part.function_response)
  if (gemini !== undefined)
    return [makeResult(asText(gemini.id), asText(gemini.name), gemini.response ?? null, undefined)]
  const bedrock = asObject(part.toolResult)
  if (bedrock !== undefined) {
    const failed = bedrock.status === "error" ? true : undefined
    return [makeResult(asText(bedrock.toolUseId), undefined, bedrock.content ?? null, failed)]
  }
  if (!RESULTS.has(asText(part.type) ?? "")) return undefined
  const id = asText(part.id) ?? asText(part.tool_use_id) ?? asText(part.toolCallId) ?? asText(part.call_id)
  const raw = part.response ?? part.result ?? part.output ?? part.content ?? null
  return [
    makeResult(
      asText(part.tool_use_id) ?? asText(part.call_id) ?? id,
      asText(part.name) ?? asText(part.toolName),
      raw,
      asFlag(part.is_error) ?? asFlag(part.isError),
    ),
  ]
}

export function makeResult(
  id: string | undefined,
  name: string | undefined,
  raw: Json,
  isError: boolean | undefined,
): ResultPart {
  const { result, failed } = unwrapResult(raw)
  const part: ResultPart = { type: "result", result }
  if (id !== undefined) part.id = id
  if (name !== undefined) part.name = name
  if (isError ?? failed) part.isError = true
  return part
}

/** Removes the envelopes that providers put around a result, and parses JSON text. */
export function unwrapResult(raw: Json): { result: Json; failed?: true } {
  const value = parseIfJson(raw) ?? null
  const object = asObject(value)
  if (object !== undefined && typeof object.type === "string" && "value" in object) {
    const kind = object.type
    if (/^(error-)?(text|json|content)$/.test(kind)) {
      const inner = parseIfJson(object.value ?? null) ?? null
      return kind.startsWith("error") ? { result: inner, failed: true } : { result: inner }
    }
  }
  // A list of text blocks becomes their text.
  if (Array.isArray(value) && value.length > 0) {
    const texts = value.map((item) => {
      const block = asObject(item)
      if (typeof block?.text !== "string") return undefined
      // Bedrock's blocks have no type.
      const isText = Object.keys(block).length === 1 || /^(input_|output_)?text$/.test(toText(block.type))
      return isText ? block.text : undefined
    })
    if (texts.every((text) => text !== undefined)) return { result: parseIfJson(texts.join("\n")) ?? null }
  }
  return { result: value }
}
