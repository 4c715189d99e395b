import { readPicture } from "@/components/turn/formats/image/readPicture"
import { readStreams } from "@/components/turn/formats/streams/readStreams"
import { type Block, type Fields, isFields, otherFields } from "./Block"
import { type BlockClass, classOf, withType } from "./blockTypes"
import { fileBlock, imageBlock, remoteImageBlock } from "./fileBlocks"
import { readNotebookOutput } from "./notebookOutput"
import { readInvocation, readUiTool } from "./readUiTool"
import { textBlock, thinkingBlock } from "./textBlocks"
import { callBlock, resultBlock } from "./toolBlocks"
import { readWrappedBlock } from "./wrappedBlock"

type Path = readonly string[]

/** Types of the AI SDK's wrappers around a tool's output. */
const WRAPPED_TYPES = ["text", "error-text", "json", "error-json", "content"]
/** Blocks can contain blocks. Beyond this depth, they are shown as values. */
const MAX_DEPTH = 40

type BlockReader = (fields: Fields, path: Path, read: typeof readContent) => Block | undefined

const READERS: Readonly<Record<BlockClass, BlockReader>> = {
  text: textBlock,
  thinking: thinkingBlock,
  call: callBlock,
  result: resultBlock,
  file: fileBlock,
  image: remoteImageBlock,
  invocation: readInvocation,
  uiTool: readUiTool,
}

/**
 * Reads one content block of MCP, Anthropic, OpenAI, Gemini, Bedrock, OpenTelemetry, the AI SDK or an agent framework.
 * Returns undefined for anything else.
 */
export function readBlock(value: unknown, path: Path): Block | undefined {
  if (!isFields(value) || path.length > MAX_DEPTH) return undefined
  const fields = withType(value)
  const type = typeof fields.type === "string" ? fields.type : undefined
  const known = type === undefined ? undefined : classOf(type)
  const picture = known === "text" ? undefined : readPicture(fields)
  if (picture !== undefined) return imageBlock(fields, picture, path)
  if (type === undefined || known === undefined) return readUntyped(value, path)
  return READERS[known](fields, path, readContent)
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
  return (isFields(value) && readInner(value, path)) || [{ kind: "value", value, path, extra: {} }]
}

/** Reads content in an object: `{ content: […] }` or `{ parts: […] }`. Its other fields become a value. */
function readInner(value: Fields, path: Path): readonly Block[] | undefined {
  for (const key of ["content", "parts"]) {
    const inner =
      readBlockList(value[key], [...path, key]) ??
      (key === "parts" && readMixedList(value[key], [...path, key]))
    if (!inner) continue
    const others = otherFields(value, [key])
    const rest: Block = { kind: "value", value: others, path, extra: {} }
    return Object.keys(others).length === 0 ? inner : [...inner, rest]
  }
  return undefined
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

/** Kinds of content that a part of Gemini can have next to its text. */
const PART_KEYS = ["text", "thought", "thoughtSignature", "thought_signature"]

/**
 * Reads blocks without a known type: parts of Gemini and Bedrock, outputs of notebooks and processes, calls and results
 * in the telemetry of the AI SDK and in events of AutoGen.
 */
function readUntyped(fields: Fields, path: Path): Block | undefined {
  if (typeof fields.toolName === "string" && typeof fields.toolCallId === "string") {
    const hasResult = ["output", "result"].some((key) => Object.hasOwn(fields, key))
    return (hasResult ? resultBlock : callBlock)(fields, path, readContent)
  }
  if (
    typeof fields.name === "string" &&
    typeof fields.call_id === "string" &&
    Object.hasOwn(fields, "content")
  )
    return resultBlock(fields, path, readContent)
  if (
    typeof fields.name === "string" &&
    typeof fields.id === "string" &&
    typeof fields.arguments === "string"
  )
    return callBlock(fields, path, readContent)
  const isResource =
    typeof fields.uri === "string" && ["text", "blob"].some((key) => typeof fields[key] === "string")
  if (isResource) return fileBlock(fields, path, readContent)
  if (typeof fields.output_type === "string") return readNotebookOutput(fields, path)
  const wrapped = readWrappedBlock(fields, path, readContent)
  if (wrapped !== undefined) return wrapped
  // A process's output in a list of outputs.
  if (path.length > 0 && (readStreams(fields)?.streams.length ?? 0) > 0)
    return { kind: "value", value: fields, path, extra: {} }
  if (typeof fields.text !== "string") return undefined
  // Gemini's Python SDK writes null for each kind of content that a part doesn't have.
  if (!Object.keys(otherFields(fields, [])).every((key) => PART_KEYS.includes(key))) return undefined
  const { thought, ...rest } = fields
  return (thought === true ? thinkingBlock : textBlock)(rest, path)
}
