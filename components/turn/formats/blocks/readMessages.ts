import { type Block, type Fields, isFields, type Message, otherFields } from "./Block"
import { readBlock, readBlockList, readContent } from "./readBlock"

type Path = readonly string[]

/** What LangChain calls the author of a message. */
const LANGCHAIN_ROLES: Record<string, string> = {
  human: "user",
  HumanMessage: "user",
  ai: "assistant",
  AIMessage: "assistant",
  AIMessageChunk: "assistant",
  system: "system",
  SystemMessage: "system",
  tool: "tool",
  ToolMessage: "tool",
}
const CONTENT_KEYS = ["content", "parts"]
const MAX_MESSAGES = 2_000

/**
 * Reads content blocks and messages as agents send them: a list of blocks, a tool's result (`{ content, isError }`), a
 * message, a list of messages, or a provider's response. Undefined for any other value: it isn't guessed at.
 */
export function readMessages(value: unknown): readonly Message[] | undefined {
  const blocks = readBlockList(value, [])
  if (blocks !== undefined) return [message(undefined, blocks, [], {})]
  if (Array.isArray(value)) return readMessageList(itemsOf(value, []))
  if (!isFields(value)) return undefined
  return readResult(value) ?? readResponse(value) ?? readSingle(value)
}

function message(
  role: string | undefined,
  blocks: readonly Block[],
  path: Path,
  extra: Fields,
  isError = false,
): Message {
  return { role, blocks, path, extra, isError }
}

type ListItem = { item: unknown; path: Path }

/** The items of a list; LangChain's lists of messages are lists of lists. */
function itemsOf(list: readonly unknown[], path: Path): ListItem[] {
  return list.flatMap((item, at) => {
    const own = [...path, String(at)]
    if (!Array.isArray(item)) return [{ item, path: own }]
    return item.map((inner: unknown, index) => ({ item: inner, path: [...own, String(index)] }))
  })
}

function readMessageList(list: readonly ListItem[]): readonly Message[] | undefined {
  if (list.length === 0 || list.length > MAX_MESSAGES) return undefined
  const messages: Message[] = []
  for (const { item, path } of list) {
    const read = isFields(item) ? readMessage(item, path) : undefined
    // Responses mix messages and calls.
    const block = read === undefined ? readBlock(item, path) : undefined
    if (read !== undefined) messages.push(read)
    else if (block !== undefined) messages.push(message(undefined, [block], path, {}))
    else return undefined
  }
  return messages
}

/** A message of OpenAI, Anthropic, Gemini, OpenTelemetry or LangChain. */
function readMessage(fields: Fields, path: Path): Message | undefined {
  const inner = langChainFields(fields)
  if (inner !== undefined) return readMessage(inner.fields, [...path, ...inner.path])
  const role = roleOf(fields)
  if (role === undefined) return undefined
  const key = CONTENT_KEYS.find((one) => Object.hasOwn(fields, one))
  const calls = Array.isArray(fields.tool_calls) ? fields.tool_calls : []
  if (key === undefined && calls.length === 0) return undefined
  const content = key === undefined ? [] : readContent(fields[key], [...path, key])
  const callBlocks = calls.map((call, at) => callOf(call, [...path, "tool_calls", String(at)]))
  const used = ["role", "type", "tool_calls", ...(key === undefined ? [] : [key])]
  const isError = [fields.is_error, fields.isError].includes(true) || fields.status === "error"
  return message(role, [...content, ...callBlocks], path, otherFields(fields, used), isError)
}

function callOf(call: unknown, path: Path): Block {
  const typed = isFields(call) && call.type === undefined ? { type: "tool_call", ...call } : call
  return readBlock(typed, path) ?? { kind: "value", value: call, path, extra: {} }
}

function roleOf(fields: Fields): string | undefined {
  const { role, type } = fields
  if (typeof role === "string" && role !== "") return role
  return typeof type === "string" && Object.hasOwn(LANGCHAIN_ROLES, type) ? LANGCHAIN_ROLES[type] : undefined
}

/** LangChain serializes a message as a constructor call, or with its fields under `data`. */
function langChainFields(fields: Fields): { fields: Fields; path: Path } | undefined {
  if (fields.lc === 1 && isFields(fields.kwargs) && Array.isArray(fields.id)) {
    const name = String(fields.id.at(-1))
    const role = Object.hasOwn(LANGCHAIN_ROLES, name) ? LANGCHAIN_ROLES[name] : undefined
    return role === undefined ? undefined : { fields: { ...fields.kwargs, role }, path: ["kwargs"] }
  }
  if (isFields(fields.data) && typeof fields.type === "string" && Object.hasOwn(fields.data, "content")) {
    return { fields: { ...fields.data, type: fields.type }, path: ["data"] }
  }
  return undefined
}

/** The result of a tool: `{ content: […], isError?, structuredContent? }`. */
function readResult(fields: Fields): readonly Message[] | undefined {
  if (!Array.isArray(fields.content) || roleOf(fields) !== undefined) return undefined
  const isEmpty = fields.content.length === 0 && Object.hasOwn(fields, "isError")
  const blocks = isEmpty ? [] : readBlockList(fields.content, ["content"])
  if (blocks === undefined) return undefined
  const isError = [fields.isError, fields.is_error].includes(true)
  const extra = otherFields(fields, [
    "content",
    "isError",
    "is_error",
    ...(fields.type === "message" ? ["type"] : []),
  ])
  return [message(undefined, blocks, [], extra, isError)]
}

/** Where providers and frameworks put a list of messages, and what wraps each of them there. */
const MESSAGE_LISTS: Readonly<Record<string, string | undefined>> = {
  messages: undefined,
  choices: "message",
  output: undefined,
  candidates: "content",
  generations: "message",
  contents: undefined,
  input: undefined,
}

/** A provider's response, or an object that holds a list of messages. */
function readResponse(fields: Fields): readonly Message[] | undefined {
  for (const [key, wrapper] of Object.entries(MESSAGE_LISTS)) {
    const list = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (!Array.isArray(list)) continue
    const messages = readMessageList(itemsOf(list, [key]).map((item) => unwrapped(item, wrapper)))
    if (messages === undefined || !messages.some(isSaid)) continue
    const extra = otherFields(fields, [key])
    return Object.keys(extra).length === 0 ? messages : [...messages, message(undefined, [], [], extra)]
  }
  return undefined
}

/** A message with an author, or one that thinks, calls a tool or has its result. */
function isSaid({ role, blocks }: Message): boolean {
  return role !== undefined || blocks.some(({ kind }) => ["call", "result", "thinking"].includes(kind))
}

/** OpenAI wraps each choice in `{ message }`, Gemini each candidate in `{ content }`, LangChain each generation in `{ message }`. */
function unwrapped({ item, path }: ListItem, wrapper: string | undefined): ListItem {
  if (wrapper === undefined || !isFields(item)) return { item, path }
  const inner = item[wrapper]
  if (!isFields(inner)) return { item, path }
  const other = otherFields(item, [wrapper, "index", "role"])
  if (inner.lc !== 1 || !isFields(inner.kwargs))
    return { item: { ...inner, ...other }, path: [...path, wrapper] }
  // The text beside a serialized message repeats it.
  const { text, type, ...rest } = other
  return { item: { ...inner, kwargs: { ...inner.kwargs, ...rest } }, path: [...path, wrapper] }
}

/** One message or one block. */
function readSingle(fields: Fields): readonly Message[] | undefined {
  const read = readMessage(fields, [])
  if (read !== undefined) return [read]
  // A single text is too common a shape: `{ type: "text", text }` is one, `{ text }` is data.
  const block = fields.type === undefined ? undefined : readBlock(fields, [])
  if (block !== undefined) return [message(undefined, [block], [], {})]
  const picture = readBlock(fields, [])
  return picture?.kind === "image" ? [message(undefined, [picture], [], {})] : undefined
}

/** The text of messages, for copying: what is shown, without other fields. Undefined unless all blocks are text. */
export function messagesText(messages: readonly Message[]): string | undefined {
  const blocks = messages.flatMap((one) => one.blocks)
  const hasMore = messages.some(({ extra }) => Object.keys(extra).length > 0)
  if (hasMore || blocks.length === 0 || !blocks.every(isPlainText)) return undefined
  return blocks.map((block) => (block.kind === "text" ? block.text : "")).join("\n")
}

function isPlainText(block: Block): boolean {
  return block.kind === "text" && Object.keys(block.extra).length === 0
}
