import type { Fields } from "./Block"

const TEXT_TYPES = [
  ...["text", "input_text", "output_text", "summary_text", "refusal", "markdown", "text_plain", "logs"],
  ...["system_prompt", "user_prompt"],
]
const THINKING_TYPES = ["thinking", "reasoning", "redacted_thinking", "reasoning_text", "thought"]
const CALL_TYPES = [
  ...["tool_use", "function", "server_tool_use", "mcp_tool_use", "dynamic_tool", "server_tool_call"],
  ...["invalid_tool_call", "tool_request", "tool_execution"],
]
const RESULT_TYPES = [
  ...["tool_response", "tool_error", "function_response", "tool_call_response", "function_result"],
  ...["tool_return", "builtin_tool_return", "retry_prompt", "content"],
]
const FILE_TYPES = [
  ...["resource", "resource_link", "file", "input_file", "document", "audio", "input_audio", "blob", "uri"],
  ...["video", "media", "source", "source_url", "source_document", "search_result", "tool_reference"],
]
const IMAGE_TYPES = ["image", "image_url", "input_image", "image_file"]

/** Keys under which SDKs put the type of a block. */
const TYPE_KEYS = ["block_type", "part_kind", "content_type", "$type", "kind"]

/** The class of a content block, derived from its `type`. */
export type BlockClass = "text" | "thinking" | "call" | "result" | "file" | "image" | "invocation" | "uiTool"

/** Returns a block with its type under `type`, which most SDKs use. */
export function withType(fields: Fields): Fields {
  if (fields.type !== undefined) return fields
  const key = TYPE_KEYS.find((one) => typeof fields[one] === "string")
  if (key === undefined) return fields
  const { [key]: type, ...rest } = fields
  return { ...rest, type }
}

/**
 * Returns the class of a content block's type, or undefined if it is unknown. OpenAI's Responses API has a type for each
 * of its tools.
 */
export function classOf(type: string): BlockClass | undefined {
  const name = plainType(type)
  if (TEXT_TYPES.includes(name)) return "text"
  if (THINKING_TYPES.includes(name)) return "thinking"
  if (name === "tool_invocation") return "invocation"
  if (RESULT_TYPES.includes(name) || /(?:_call_output|tool_result)$/.test(name)) return "result"
  if (CALL_TYPES.includes(name) || /[a-z]_call$/.test(name)) return "call"
  if (FILE_TYPES.includes(name)) return "file"
  if (IMAGE_TYPES.includes(name)) return "image"
  // In messages of the AI SDK's UI, `tool-getWeather` is a call with its result.
  return /^tool-[\w.-]+$/.test(type) ? "uiTool" : undefined
}

/** Returns a type in snake case: `FunctionCallContent`, `tool-call` and `reasoning.text` are types of some SDKs. */
function plainType(type: string): string {
  return type
    .replace(/(?<=[a-z])Content$/, "")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .replace(/[-.]/g, "_")
    .toLowerCase()
}
