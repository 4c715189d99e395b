import { readPicture } from "@/components/turn/formats/image/readPicture"
import { type Block, type Fields, isFields, otherFields, textAt } from "./Block"
import { type BlockClass, classOf } from "./blockTypes"
import { fileBlock, imageBlock, remoteImageBlock } from "./fileBlocks"
import { readNotebookOutput } from "./notebookOutput"
import { readUiTool } from "./readUiTool"
import { readWrappedBlock } from "./wrappedBlock"

type Path = readonly string[]

/** Types of the AI SDK's wrappers around a tool's output. */
const WRAPPED_TYPES = ["text", "error-text", "json", "error-json", "content"]

type BlockReader = (fields: Fields, path: Path) => Block | undefined

const READERS: Readonly<Record<BlockClass, BlockReader>> = {
  text: (fields, path) => textBlock(fields, "text", ["text", "refusal", "content", "value"], path),
  thinking: thinkingBlock,
  call: callBlock,
  result: resultBlock,
  file: fileBlock,
  image: remoteImageBlock,
  uiTool: (fields, path) => readUiTool(fields, path, readContent),
}

/**
 * Reads one content block of MCP, Anthropic, OpenAI, Gemini, Bedrock, OpenTelemetry or the AI SDK. Returns undefined for
 * anything else.
 */
export function readBlock(value: unknown, path: Path): Block | undefined {
  if (!isFields(value)) return undefined
  const type = typeof value.type === "string" ? value.type : undefined
  const picture = type === "text" ? undefined : readPicture(value)
  if (picture !== undefined) return imageBlock(value, picture, path)
  if (type === undefined) return readUntyped(value, path)
  const known = classOf(type)
  return known === undefined ? undefined : READERS[known](value, path)
}

/** Returns the blocks of a list, or undefined if one of its items isn't a block. */
export function readBlockList(list: unknown, path: Path): readonly Block[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined
  const blocks = list.map((item, at) =>
    typeof item === "string"
      ? plainText(item, [...path, String(at)])
      : readBlock(item, [...path, String(at)]),
  )
  // A list that only contains strings is data, not content.
  if (list.every((item) => typeof item === "string")) return undefined
  return blocks.every((block) => block !== undefined) ? blocks : undefined
}

/**
 * Like `readBlockList`, for lists that are known to be content: items that aren't known blocks become values. Returns
 * undefined if no item is a known block.
 */
export function readMixedList(list: unknown, path: Path): readonly Block[] | undefined {
  if (!Array.isArray(list)) return undefined
  const items = list.map((item: unknown, at): Block => {
    const own = [...path, String(at)]
    if (typeof item === "string") return plainText(item, own)
    return readBlock(item, own) ?? { kind: "value", value: item, path: own, extra: {} }
  })
  return list.some((item, at) => typeof item !== "string" && items[at]?.kind !== "value") ? items : undefined
}

/** Returns the content of a message or result: text, blocks, or any other value. */
export function readContent(value: unknown, path: Path): readonly Block[] {
  if (value === undefined || value === null || value === "") return []
  if (typeof value === "string") return [plainText(value, path)]
  if (Array.isArray(value) && value.length === 0) return []
  const blocks = readMixedList(value, path)
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

function callBlock(fields: Fields, path: Path): Block | undefined {
  const inner = isFields(fields.function) ? fields.function : undefined
  const name = textAt(inner ?? fields, "name", "toolName", "tool_name")?.text ?? String(fields.type)
  const source = inner ?? fields
  const key = ["input", "args", "arguments", "parameters", "action", "code", "queries"].find((one) =>
    Object.hasOwn(source, one),
  )
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

/**
 * Reads blocks without a type: parts of Gemini and Bedrock, outputs of notebooks, and calls and results in the telemetry
 * of the AI SDK.
 */
function readUntyped(fields: Fields, path: Path): Block | undefined {
  if (typeof fields.toolName === "string" && typeof fields.toolCallId === "string") {
    const hasResult = ["output", "result"].some((key) => Object.hasOwn(fields, key))
    if (hasResult) return resultBlock(fields, path)
    return callBlock(fields, path)
  }
  if (typeof fields.output_type === "string") return readNotebookOutput(fields, path)
  const wrapped = readWrappedBlock(fields, path, readContent)
  if (wrapped !== undefined) return wrapped
  if (typeof fields.text !== "string") return undefined
  // Gemini's Python SDK writes null for each kind of content that a part doesn't have.
  const keys = Object.keys(otherFields(fields, []))
  const isPart = keys.every((key) =>
    ["text", "thought", "thoughtSignature", "thought_signature"].includes(key),
  )
  if (!isPart) return undefined
  const { thought, ...rest } = fields
  return textBlock(rest, thought === true ? "thinking" : "text", ["text"], path)
}
