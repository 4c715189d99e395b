import { type Block, type Fields, isFields, type Message, otherFields } from "./Block"
import { readBlockList, readContent } from "./readBlock"
import { callsOf } from "./readCalls"
import { readSpoken } from "./readSpoken"

type Path = readonly string[]

/** LangChain's names for the author of a message. */
const LANGCHAIN_ROLES: Record<string, string> = {
  human: "user",
  HumanMessage: "user",
  HumanMessageChunk: "user",
  ai: "assistant",
  AIMessage: "assistant",
  AIMessageChunk: "assistant",
  system: "system",
  SystemMessage: "system",
  tool: "tool",
  ToolMessage: "tool",
  FunctionMessage: "function",
}
const CONTENT_KEYS = ["content", "parts"]

export function message(
  role: string | undefined,
  blocks: readonly Block[],
  path: Path,
  extra: Fields,
  isError = false,
): Message {
  return { role, blocks, path, extra, isError }
}

/** Reads a message of OpenAI, Anthropic, Gemini, OpenTelemetry or LangChain. */
export function readMessage(fields: Fields, path: Path): Message | undefined {
  const inner = langChainFields(fields)
  if (inner !== undefined) return readMessage(inner.fields, [...path, ...inner.path])
  const role = roleOf(fields)
  if (role === undefined) return undefined
  const key = CONTENT_KEYS.find((one) => Object.hasOwn(fields, one) && fields[one] !== null)
  const calls = callsOf(fields, path)
  const hasContent = CONTENT_KEYS.some((one) => Object.hasOwn(fields, one))
  if (!hasContent && calls.blocks.length === 0) return undefined
  const content = key === undefined ? [] : readContent(fields[key], [...path, key])
  const spoken = readSpoken(fields, path)
  const images = readBlockList(fields.images, [...path, "images"]) ?? []
  const used = [
    ...["role", "type", ...calls.used, ...spoken.used],
    ...(key === undefined ? [] : [key]),
    ...(images.length > 0 ? ["images"] : []),
  ]
  const isError = [fields.is_error, fields.isError].includes(true) || fields.status === "error"
  const blocks = [...spoken.thinking, ...content, ...spoken.words, ...images, ...calls.blocks]
  return message(role, blocks, path, otherFields(fields, used), isError)
}

export function roleOf(fields: Fields): string | undefined {
  const { role, type } = fields
  if (typeof role === "string" && role !== "") return role
  return typeof type === "string" && Object.hasOwn(LANGCHAIN_ROLES, type) ? LANGCHAIN_ROLES[type] : undefined
}

/** Returns the fields of a message that LangChain serialized as a constructor call, or under `data`. */
function langChainFields(fields: Fields): { fields: Fields; path: Path } | undefined {
  if (fields.lc === 1 && isFields(fields.kwargs) && Array.isArray(fields.id)) {
    const name = String(fields.id.at(-1))
    const own = typeof fields.kwargs.role === "string" ? fields.kwargs.role : undefined
    const role = Object.hasOwn(LANGCHAIN_ROLES, name) ? LANGCHAIN_ROLES[name] : own
    return role === undefined ? undefined : { fields: { ...fields.kwargs, role }, path: ["kwargs"] }
  }
  if (isFields(fields.data) && typeof fields.type === "string" && Object.hasOwn(fields.data, "content")) {
    return { fields: { ...fields.data, type: fields.type }, path: ["data"] }
  }
  return undefined
}

/** Reads content of Gemini without an author: `{ parts: […] }`. */
export function readParts(fields: Fields, path: Path): Message | undefined {
  const blocks = roleOf(fields) === undefined ? readBlockList(fields.parts, [...path, "parts"]) : undefined
  return blocks && message(undefined, blocks, path, otherFields(fields, ["parts"]))
}

export function hasType(item: unknown): boolean {
  return isFields(item) && typeof item.type === "string"
}
