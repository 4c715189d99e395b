const TEXT_TYPES = ["text", "input_text", "output_text", "summary_text", "refusal", "markdown", "text-plain"]
const THINKING_TYPES = ["thinking", "reasoning", "redacted_thinking", "reasoning_text"]
const CALL_TYPES = [
  ...["tool_use", "tool-call", "function", "server_tool_use", "mcp_tool_use", "dynamic-tool"],
  ...["server_tool_call", "invalid_tool_call"],
]
const RESULT_TYPES = ["tool_response", "tool-error", "function_response", "tool_call_response"]
const FILE_TYPES = [
  ...["resource", "resource_link", "file", "input_file", "document", "audio", "input_audio", "blob", "uri"],
  ...["video", "media", "source-url", "source-document"],
]
const IMAGE_TYPES = ["image", "image_url", "input_image", "image_file"]

/** The class of a content block, derived from its `type`. */
export type BlockClass = "text" | "thinking" | "call" | "result" | "file" | "image" | "uiTool"

/**
 * Returns the class of a content block's type, or undefined if it is unknown. OpenAI's Responses API has a type for each
 * of its tools.
 */
export function classOf(type: string): BlockClass | undefined {
  if (TEXT_TYPES.includes(type)) return "text"
  if (THINKING_TYPES.includes(type)) return "thinking"
  if (RESULT_TYPES.includes(type) || /(?:_call_output|tool[_-]result)$/.test(type)) return "result"
  if (CALL_TYPES.includes(type) || /[a-z]_call$/.test(type)) return "call"
  if (FILE_TYPES.includes(type)) return "file"
  if (IMAGE_TYPES.includes(type)) return "image"
  // In messages of the AI SDK's UI, `tool-getWeather` is a call with its result.
  return /^tool-[\w.-]+$/.test(type) ? "uiTool" : undefined
}
