import { type Fields, isFields, type Message, otherFields } from "@/components/turn/formats/blocks/Block"
import { readBlock, readBlockList, readContent } from "@/components/turn/formats/blocks/readBlock"
import { hasType, message, readMessage, readParts } from "./readMessage"
import { readPydantic } from "./readPydantic"

type Path = readonly string[]

const MAX_MESSAGES = 2_000

type ListItem = { item: unknown; path: Path }

/** Returns the items of a list. LangChain's lists of messages are lists of lists. */
export function itemsOf(list: readonly unknown[], path: Path): ListItem[] {
  return list.flatMap((item, at) => {
    const own = [...path, String(at)]
    if (!Array.isArray(item)) return [{ item, path: own }]
    return item.map((inner: unknown, index) => ({ item: inner, path: [...own, String(index)] }))
  })
}

export function readMessageList(list: readonly ListItem[]): readonly Message[] | undefined {
  if (list.length === 0 || list.length > MAX_MESSAGES) return undefined
  const messages: Message[] = []
  let isCertain = false
  for (const { item, path } of list) {
    const split = isFields(item) ? readPydantic(item, path) : undefined
    if (split !== undefined) {
      messages.push(...split)
      isCertain = true
      continue
    }
    const parts = isFields(item) ? readParts(item, path) : undefined
    const read = parts ?? (isFields(item) ? readMessage(item, path) : undefined)
    isCertain ||= parts !== undefined
    // Item lists of the Responses API mix messages with bare calls.
    const block = read === undefined ? readBlock(item, path) : undefined
    if (read !== undefined) messages.push(read)
    else if (block !== undefined) messages.push(message(undefined, [block], path, {}))
    else if (hasType(item))
      messages.push(message(undefined, [{ kind: "value", value: item, path, extra: {} }], path, {}))
    else return undefined
  }
  // Items of unknown types are only accepted next to messages.
  return isCertain || messages.some(isSaid) ? messages : undefined
}

/**
 * Keys under which providers and frameworks put a list of messages. If each message is wrapped in an object, the value
 * is the message's key in that object.
 */
const MESSAGE_LISTS: Readonly<Record<string, string | undefined>> = {
  messages: undefined,
  choices: "message",
  output: undefined,
  outputs: undefined,
  candidates: "content",
  generations: "message",
  contents: undefined,
  input: undefined,
  artifacts: undefined,
}

/** The lists that requests contain. */
const REQUEST_LISTS = ["messages", "contents", "input"]
/** Keys of the system prompt in requests of Anthropic, Bedrock, Gemini and OpenAI. */
const SYSTEM_KEYS = ["system", "systemInstruction", "system_instruction", "instructions"]

/** Reads the system prompt next to a request's messages: text, a list of blocks, or Gemini's `{ parts }`. */
function readSystem(fields: Fields): { key: string; messages: readonly Message[] } | undefined {
  for (const key of SYSTEM_KEYS) {
    const value = Object.hasOwn(fields, key) ? fields[key] : undefined
    const isText = typeof value === "string" && value !== ""
    const blocks = isText ? readContent(value, [key]) : readBlockList(value, [key])
    if (blocks !== undefined) return { key, messages: [message("system", blocks, [key], {})] }
    const content = isFields(value) ? (readMessage(value, [key]) ?? readParts(value, [key])) : undefined
    if (content !== undefined) return { key, messages: [{ ...content, role: "system" }] }
  }
  return undefined
}

/** Reads a provider's response, or an object that contains a message or a list of them. */
export function readResponse(fields: Fields): readonly Message[] | undefined {
  // One of OpenAI's choices, or Ollama's response.
  const single = isFields(fields.message) ? readMessage(fields.message, ["message"]) : undefined
  if (single !== undefined) return withExtra([single], otherFields(fields, ["message", "index"]))
  const bedrock =
    isFields(fields.output) && isFields(fields.output.message) ? fields.output.message : undefined
  const answer = bedrock === undefined ? undefined : readMessage(bedrock, ["output", "message"])
  if (answer !== undefined) return withExtra([answer], otherFields(fields, ["output"]))
  // One of Gemini's candidates.
  const content = isFields(fields.content) ? fields.content : {}
  const candidate = Array.isArray(content.parts)
    ? (readMessage(content, ["content"]) ?? readParts(content, ["content"]))
    : undefined
  if (candidate !== undefined) return withExtra([candidate], otherFields(fields, ["content", "index"]))
  for (const [key, wrapper] of Object.entries(MESSAGE_LISTS)) {
    const list = Object.hasOwn(fields, key) ? fields[key] : undefined
    if (!Array.isArray(list)) continue
    const messages =
      readMessageList(itemsOf(list, [key]).map((item) => unwrapped(item, wrapper))) ??
      readBareBlocks(list, key)
    if (messages === undefined) continue
    const system = REQUEST_LISTS.includes(key) ? readSystem(fields) : undefined
    const other = otherFields(fields, [key, ...(system === undefined ? [] : [system.key])])
    return withExtra([...(system?.messages ?? []), ...messages], other)
  }
  return undefined
}

/** Reads the blocks of a response without authors, and the contents of MCP resources. */
function readBareBlocks(list: readonly unknown[], key: string): readonly Message[] | undefined {
  if (!["output", "outputs", "contents"].includes(key)) return undefined
  const blocks = readBlockList(list, [key])
  const isBare = blocks?.every(({ kind }) => kind !== "value")
  return isBare && blocks ? [message(undefined, blocks, [], {})] : undefined
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
