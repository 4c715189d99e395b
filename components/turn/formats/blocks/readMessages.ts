import { type Block, type Fields, isFields, type Message, otherFields } from "./Block"
import { readBlock, readBlockList, readContent, readMixedList } from "./readBlock"
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
const MAX_MESSAGES = 2_000

/**
 * Reads content blocks and messages as agents send them: a list of blocks, a tool's result (`{ content, isError }`), a
 * message, a list of messages, or a provider's response. Returns undefined for any other value.
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

/** Returns the items of a list. LangChain's lists of messages are lists of lists. */
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
    // Item lists of the Responses API mix messages with bare calls.
    const block = read === undefined ? readBlock(item, path) : undefined
    if (read !== undefined) messages.push(read)
    else if (block !== undefined) messages.push(message(undefined, [block], path, {}))
    else if (hasType(item))
      messages.push(message(undefined, [{ kind: "value", value: item, path, extra: {} }], path, {}))
    else return undefined
  }
  // Items of unknown types are only accepted next to messages.
  return messages.some(isSaid) ? messages : undefined
}

/** Reads a message of OpenAI, Anthropic, Gemini, OpenTelemetry or LangChain. */
function readMessage(fields: Fields, path: Path): Message | undefined {
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

function roleOf(fields: Fields): string | undefined {
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

/** Reads the result of a tool: `{ content: […], isError?, structuredContent? }`. */
function readResult(fields: Fields): readonly Message[] | undefined {
  if (!Array.isArray(fields.content) || roleOf(fields) !== undefined) return undefined
  const isEmpty = fields.content.length === 0 && Object.hasOwn(fields, "isError")
  const isTyped = fields.content.every((item) => typeof item === "string" || hasType(item))
  const read = isTyped ? readMixedList : readBlockList
  const blocks = isEmpty ? [] : read(fields.content, ["content"])
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

function hasType(item: unknown): boolean {
  return isFields(item) && typeof item.type === "string"
}

/**
 * Keys under which providers and frameworks put a list of messages. If each message is wrapped in an object, the value
 * is the message's key in that object.
 */
const MESSAGE_LISTS: Readonly<Record<string, string | undefined>> = {
  messages: undefined,
  choices: "message",
  output: undefined,
  candidates: "content",
  generations: "message",
  contents: undefined,
  input: undefined,
}

/** Reads a provider's response, or an object that contains a message or a list of them. */
function readResponse(fields: Fields): readonly Message[] | undefined {
  // One of OpenAI's choices, or Ollama's response.
  const single = isFields(fields.message) ? readMessage(fields.message, ["message"]) : undefined
  if (single !== undefined) return withExtra([single], otherFields(fields, ["message", "index"]))
  const bedrock =
    isFields(fields.output) && isFields(fields.output.message) ? fields.output.message : undefined
  const answer = bedrock === undefined ? undefined : readMessage(bedrock, ["output", "message"])
  if (answer !== undefined) return withExtra([answer], otherFields(fields, ["output"]))
  for (const [key, wrapper] of Object.entries(MESSAGE_LISTS)) {
    const list = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (!Array.isArray(list)) continue
    const messages = readMessageList(itemsOf(list, [key]).map((item) => unwrapped(item, wrapper)))
    if (messages === undefined || !messages.some(isSaid)) continue
    return withExtra(messages, otherFields(fields, [key]))
  }
  return undefined
}

/** Appends the remaining fields as a last message without content. */
function withExtra(messages: readonly Message[], extra: Fields): readonly Message[] {
  return Object.keys(extra).length === 0 ? messages : [...messages, message(undefined, [], [], extra)]
}

/** Returns true for a message with an author, or one with thinking, a tool call or a result. */
function isSaid({ role, blocks }: Message): boolean {
  return role !== undefined || blocks.some(({ kind }) => ["call", "result", "thinking"].includes(kind))
}

/** Unwraps OpenAI's choices (`{ message }`), Gemini's candidates (`{ content }`) and LangChain's generations. */
function unwrapped({ item, path }: ListItem, wrapper: string | undefined): ListItem {
  if (wrapper === undefined || !isFields(item)) return { item, path }
  const inner = item[wrapper]
  if (!isFields(inner)) return { item, path }
  const other = otherFields(item, [wrapper, "index", "role"])
  if (inner.lc !== 1 || !isFields(inner.kwargs))
    return { item: { ...inner, ...other }, path: [...path, wrapper] }
  // The text next to a serialized message repeats it.
  const { text, type, ...rest } = other
  return { item: { ...inner, kwargs: { ...inner.kwargs, ...rest } }, path: [...path, wrapper] }
}

/** Reads a single message or block. */
function readSingle(fields: Fields): readonly Message[] | undefined {
  const read = readMessage(fields, [])
  if (read !== undefined) return [read]
  // Many objects have a `text`, so a type is required: `{ type: "text", text }` is a block, `{ text }` is data.
  const block = fields.type === undefined ? undefined : readBlock(fields, [])
  if (block !== undefined) return [message(undefined, [block], [], {})]
  const part = readBlock(fields, [])
  const isCertain = part !== undefined && ["image", "call", "result"].includes(part.kind)
  return isCertain ? [message(undefined, [part], [], {})] : undefined
}

/** Returns the displayed text of messages, for copying. Undefined unless all blocks are text. */
export function messagesText(messages: readonly Message[]): string | undefined {
  const blocks = messages.flatMap((one) => one.blocks)
  const hasMore = messages.some(({ extra }) => Object.keys(extra).length > 0)
  if (hasMore || blocks.length === 0 || !blocks.every(isPlainText)) return undefined
  return blocks.map((block) => (block.kind === "text" ? block.text : "")).join("\n")
}

function isPlainText(block: Block): boolean {
  return block.kind === "text" && Object.keys(block.extra).length === 0
}
