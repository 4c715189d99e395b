import { readPicture } from "@/components/turn/formats/image/readPicture"
import { type Block, type Fields, isFields, otherFields, textAt } from "./Block"

type Path = readonly string[]

const TEXT_TYPES = ["text", "input_text", "output_text", "summary_text", "refusal", "markdown"]
const THINKING_TYPES = ["thinking", "reasoning", "redacted_thinking", "reasoning_text"]
const CALL_TYPES = [
  ...["tool_use", "tool-call", "tool_call", "function_call", "function", "custom_tool_call"],
  ...["server_tool_use", "mcp_tool_use", "mcp_call", "computer_call", "local_shell_call", "web_search_call"],
]
const RESULT_TYPES = [
  ...["tool_result", "tool-result", "tool_call_response", "tool_response", "function_call_output"],
  ...[
    "custom_tool_call_output",
    "mcp_tool_result",
    "web_search_tool_result",
    "tool-error",
    "function_response",
  ],
]
const FILE_TYPES = [
  "resource",
  "resource_link",
  "file",
  "input_file",
  "document",
  "audio",
  "input_audio",
  "blob",
  "uri",
]
/** Wrappers of the AI SDK around the output of a tool. */
const WRAPPED_TYPES = ["text", "error-text", "json", "error-json", "content"]

/** Reads one content block of MCP, Anthropic, OpenAI, Gemini, OpenTelemetry or the AI SDK; undefined for anything else. */
export function readBlock(value: unknown, path: Path): Block | undefined {
  if (!isFields(value)) return undefined
  const type = typeof value.type === "string" ? value.type : undefined
  const picture = type === "text" ? undefined : readPicture(value)
  if (picture !== undefined) return imageBlock(value, picture, path)
  if (type === undefined) return readUntyped(value, path)
  if (TEXT_TYPES.includes(type))
    return textBlock(value, "text", ["text", "refusal", "content", "value"], path)
  if (THINKING_TYPES.includes(type)) return thinkingBlock(value, path)
  if (CALL_TYPES.includes(type)) return callBlock(value, path)
  if (RESULT_TYPES.includes(type)) return resultBlock(value, path)
  if (FILE_TYPES.includes(type)) return fileBlock(value, path)
  return undefined
}

/** The blocks of a list; undefined if one of its items isn't a block. */
export function readBlockList(list: unknown, path: Path): readonly Block[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined
  const blocks = list.map((item, at) =>
    typeof item === "string"
      ? plainText(item, [...path, String(at)])
      : readBlock(item, [...path, String(at)]),
  )
  // A list of strings alone is data, not content.
  if (list.every((item) => typeof item === "string")) return undefined
  return blocks.every((block) => block !== undefined) ? blocks : undefined
}

/** The content of a message or result: text, blocks, or any other value. */
export function readContent(value: unknown, path: Path): readonly Block[] {
  if (value === undefined || value === null || value === "") return []
  if (typeof value === "string") return [plainText(value, path)]
  if (Array.isArray(value) && value.length === 0) return []
  const blocks = readBlockList(value, path)
  if (blocks !== undefined) return blocks
  const wrapped = readWrapped(value, path)
  if (wrapped !== undefined) return wrapped
  const block = readBlock(value, path)
  if (block !== undefined) return [block]
  if (isFields(value) && Array.isArray(value.content)) {
    const inner = readBlockList(value.content, [...path, "content"])
    if (inner !== undefined && Object.keys(otherFields(value, ["content"])).length === 0) return inner
  }
  return [{ kind: "value", value, path, extra: {} }]
}

function readWrapped(value: unknown, path: Path): readonly Block[] | undefined {
  if (!isFields(value) || typeof value.type !== "string" || !WRAPPED_TYPES.includes(value.type))
    return undefined
  if (!Object.hasOwn(value, "value") || Object.keys(otherFields(value, ["type", "value"])).length > 0)
    return undefined
  return readContent(value.value, [...path, "value"])
}

function plainText(text: string, path: Path): Block {
  return { kind: "text", text, textPath: path, path, extra: {} }
}

function textBlock(
  fields: Fields,
  kind: "text" | "thinking",
  keys: readonly string[],
  path: Path,
): Block | undefined {
  const found = textAt(fields, ...keys)
  if (found === undefined) return undefined
  const { key, text } = found
  return { kind, text, textPath: [...path, key], path, extra: otherFields(fields, ["type", key]) }
}

function thinkingBlock(fields: Fields, path: Path): Block | undefined {
  const direct = textBlock(fields, "thinking", ["thinking", "text", "reasoning", "content", "data"], path)
  if (direct !== undefined) return direct
  const summary = Array.isArray(fields.summary) ? fields.summary.filter(isFields) : []
  const text = summary.flatMap((part) => textAt(part, "text")?.text ?? []).join("\n\n")
  return { kind: "thinking", text, textPath: [], path, extra: otherFields(fields, ["type", "summary"]) }
}

function imageBlock(fields: Fields, picture: NonNullable<ReturnType<typeof readPicture>>, path: Path): Block {
  const [key = ""] = picture.path
  const holder = fields[key]
  const nested = isFields(holder) ? otherFields(holder, [...picture.path.slice(1), ...IMAGE_KEYS]) : {}
  const own = otherFields(fields, [key, ...IMAGE_KEYS])
  return {
    kind: "image",
    picture,
    path,
    extra: Object.keys(nested).length === 0 ? own : { ...own, [key]: nested },
  }
}
const IMAGE_KEYS = ["type", "mimeType", "mime_type", "media_type", "mediaType"]

function callBlock(fields: Fields, path: Path): Block | undefined {
  const inner = isFields(fields.function) ? fields.function : undefined
  const name = textAt(inner ?? fields, "name", "toolName", "tool_name")?.text ?? String(fields.type)
  const source = inner ?? fields
  const key = ["input", "args", "arguments", "parameters", "action"].find((one) => Object.hasOwn(source, one))
  const argsPath = [
    ...path,
    ...(inner === undefined ? [] : ["function"]),
    ...(key === undefined ? [] : [key]),
  ]
  const used = ["type", "name", "toolName", "tool_name", "function", ...(key === undefined ? [] : [key])]
  return {
    kind: "call",
    name,
    args: key === undefined ? undefined : source[key],
    argsPath,
    path,
    extra: { ...(inner === undefined ? {} : otherFields(inner, used)), ...otherFields(fields, used) },
  }
}

function resultBlock(fields: Fields, path: Path): Block {
  const key = ["content", "output", "result", "response", "error"].find((one) => Object.hasOwn(fields, one))
  const content = key === undefined ? undefined : fields[key]
  const isError =
    [fields.is_error, fields.isError].includes(true) ||
    fields.type === "tool-error" ||
    (isFields(content) && typeof content.type === "string" && content.type.startsWith("error-"))
  const used = [
    "type",
    "is_error",
    "isError",
    "name",
    "toolName",
    "tool_name",
    ...(key === undefined ? [] : [key]),
  ]
  return {
    kind: "result",
    name: textAt(fields, "name", "toolName", "tool_name")?.text,
    isError,
    blocks: key === undefined ? [] : readContent(content, [...path, key]),
    path,
    extra: otherFields(fields, used),
  }
}

function fileBlock(fields: Fields, path: Path): Block | undefined {
  const resource = isFields(fields.resource) ? fields.resource : fields
  const at = resource === fields ? path : [...path, "resource"]
  const text = textAt(resource, "text")
  const name = textAt(resource, "title", "name", "filename", "uri", "url")?.text ?? String(fields.type)
  const type = textAt(resource, "mimeType", "mime_type", "media_type", "mediaType")?.text
  if (text !== undefined) {
    const shown = { kind: "text" as const, text: text.text, textPath: [...at, "text"], path }
    const outer = resource === fields ? {} : otherFields(fields, ["type", "resource"])
    return { ...shown, extra: { ...otherFields(resource, ["type", "text"]), ...outer } }
  }
  const used = [
    "type",
    "resource",
    "title",
    "name",
    "filename",
    "mimeType",
    "mime_type",
    "media_type",
    "mediaType",
  ]
  return {
    kind: "file",
    name,
    type,
    link: textAt(resource, "uri", "url", "file_url")?.text,
    path,
    extra: { ...otherFields(resource, used), ...(resource === fields ? {} : otherFields(fields, used)) },
  }
}

/** Gemini's parts have no type, nor have calls and results in the telemetry of the AI SDK. */
function readUntyped(fields: Fields, path: Path): Block | undefined {
  if (typeof fields.toolName === "string" && typeof fields.toolCallId === "string") {
    const hasResult = ["output", "result"].some((key) => Object.hasOwn(fields, key))
    if (hasResult) return resultBlock(fields, path)
    return callBlock(fields, path)
  }
  const call = fields.functionCall ?? fields.function_call
  const callKey = fields.functionCall === undefined ? "function_call" : "functionCall"
  if (isFields(call) && typeof call.name === "string") {
    return {
      kind: "call",
      name: call.name,
      args: call.args,
      argsPath: [...path, callKey, "args"],
      path,
      extra: { ...otherFields(call, ["name", "args"]), ...otherFields(fields, [callKey]) },
    }
  }
  const result = fields.functionResponse ?? fields.function_response
  const resultKey = fields.functionResponse === undefined ? "function_response" : "functionResponse"
  if (isFields(result) && typeof result.name === "string") {
    return {
      kind: "result",
      name: result.name,
      isError: false,
      blocks: readContent(result.response, [...path, resultKey, "response"]),
      path,
      extra: { ...otherFields(result, ["name", "response"]), ...otherFields(fields, [resultKey]) },
    }
  }
  if (typeof fields.text !== "string") return undefined
  const keys = Object.keys(fields)
  const isPart = keys.every((key) => ["text", "thought", "thoughtSignature"].includes(key))
  if (!isPart) return undefined
  return textBlock(fields, fields.thought === true ? "thinking" : "text", ["text"], path)
}
