import {
  type Block,
  type Fields,
  isFields,
  type Message,
  otherFields,
} from "@/components/turn/formats/blocks/Block"
import { readBlockList, readContent, readMixedList } from "@/components/turn/formats/blocks/readBlock"
import { callsOf } from "./readCalls"
import { readSpoken } from "./readSpoken"
import { isCommonRole, nameOf, ROLE_KEYS, roleOf } from "./roles"

type Path = readonly string[]

const CONTENT_KEYS = ["content", "parts"]
/** Keys of the content in messages of LlamaIndex, Semantic Kernel, .NET, Spring AI and others. */
const OTHER_CONTENT_KEYS = ["contents", "blocks", "items", "Items", "text", "tool_return"]

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
  const key = contentKeyOf(fields, role, path)
  const calls = callsOf(fields, path)
  const spoken = readSpoken(fields, path)
  const hasContent = key !== undefined || CONTENT_KEYS.some((one) => Object.hasOwn(fields, one))
  if (!hasContent && calls.blocks.length === 0 && spoken.thinking.length === 0) return undefined
  const content = key === undefined ? [] : readContent(fields[key], [...path, key])
  const images = readBlockList(fields.images, [...path, "images"]) ?? []
  const used = [
    ...[...ROLE_KEYS, ...calls.used, ...spoken.used],
    ...(key === undefined ? [] : [key]),
    ...(images.length > 0 ? ["images"] : []),
    // In AutoGen's messages, the source is the author.
    ...(fields.source === role ? ["source"] : []),
  ]
  const isError = [fields.is_error, fields.isError].includes(true) || fields.status === "error"
  const blocks = [...spoken.thinking, ...content, ...spoken.words, ...images, ...calls.blocks]
  return message(role, blocks, path, otherFields(fields, used), isError)
}

/** Returns the key of a message's content. */
function contentKeyOf(fields: Fields, role: string, path: Path): string | undefined {
  const key = CONTENT_KEYS.find((one) => Object.hasOwn(fields, one) && fields[one] !== null)
  if (key !== undefined || !isCommonRole(role)) return key
  return OTHER_CONTENT_KEYS.find(
    (one) => typeof fields[one] === "string" || readMixedList(fields[one], [...path, one]) !== undefined,
  )
}

/** Returns the fields of a message that LangChain serialized as a constructor call, or under `data`. */
function langChainFields(fields: Fields): { fields: Fields; path: Path } | undefined {
  if (fields.lc === 1 && isFields(fields.kwargs) && Array.isArray(fields.id)) {
    const own = typeof fields.kwargs.role === "string" ? fields.kwargs.role : undefined
    const role = nameOf(fields.id.at(-1)) ?? own
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
