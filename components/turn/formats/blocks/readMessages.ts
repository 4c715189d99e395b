import { exitCodeIn } from "@/lib/trace/exitCode"
import { type Block, type Fields, isFields, type Message, otherFields } from "./Block"
import { hasType, message, readMessage, readParts } from "./messages/readMessage"
import { readPydantic } from "./messages/readPydantic"
import { itemsOf, readMessageList, readResponse } from "./messages/readResponse"
import { isCommonRole, roleOf } from "./messages/roles"
import { unwrapMessages } from "./messages/unwrapMessages"
import { readBlock, readBlockList, readContent, readMixedList } from "./readBlock"
import { readNotebook } from "./readNotebook"

/**
 * Reads content blocks and messages as agents send them: a list of blocks, a tool's result (`{ content, isError }`), a
 * message, a list of messages, a provider's response, a notebook, or an observation of OpenHands. Returns undefined for
 * any other value.
 */
export function readMessages(value: unknown): readonly Message[] | undefined {
  const blocks = readBlockList(value, [])
  if (blocks !== undefined) return [message(undefined, blocks, [], {})]
  if (Array.isArray(value)) return readMessageList(itemsOf(value, [])) ?? readTypedList(value)
  if (!isFields(value)) return undefined
  return (
    unwrapMessages(value, readMessages) ??
    readPydantic(value, []) ??
    readResult(value) ??
    readNotebook(value) ??
    readObservation(value) ??
    readAuthored(value) ??
    readResponse(value) ??
    readSingle(value)
  )
}

/** Reads a list in which every item has a type and at least half of the items are known blocks. */
function readTypedList(list: readonly unknown[]): readonly Message[] | undefined {
  const blocks = list.every(hasType) ? readMixedList(list, []) : undefined
  const known = blocks?.filter(({ kind }) => kind !== "value").length ?? 0
  return blocks !== undefined && known * 2 >= list.length ? [message(undefined, blocks, [], {})] : undefined
}

/** Reads the result of a tool: `{ content: […], isError?, structuredContent? }`. LlamaIndex calls the content `blocks`. */
function readResult(fields: Fields): readonly Message[] | undefined {
  const key = Object.hasOwn(fields, "tool_name") && Array.isArray(fields.blocks) ? "blocks" : "content"
  const content = fields[key]
  if (!Array.isArray(content) || roleOf(fields) !== undefined) return undefined
  const isEmpty = content.length === 0 && Object.hasOwn(fields, "isError")
  const isTyped = content.every((item) => typeof item === "string" || hasType(item))
  const read = isTyped ? readMixedList : readBlockList
  const blocks = isEmpty ? [] : read(content, [key])
  if (blocks === undefined) return undefined
  const isError = [fields.isError, fields.is_error].includes(true)
  const extra = otherFields(fields, [
    key,
    "isError",
    "is_error",
    ...(fields.type === "message" ? ["type"] : []),
  ])
  return [message(undefined, blocks, [], extra, isError)]
}

/**
 * Reads an observation of OpenHands: `{ observation: "read", content: "…", extras }`. One with an exit code is the output
 * of a process, which is shown in another format.
 */
function readObservation(fields: Fields): readonly Message[] | undefined {
  if (typeof fields.observation !== "string" || typeof fields.content !== "string") return undefined
  if (fields.content === "" || exitCodeIn(fields) !== undefined) return undefined
  const isError = fields.observation === "error" || fields.success === false
  return [
    message(
      undefined,
      readContent(fields.content, ["content"]),
      [],
      otherFields(fields, ["content"]),
      isError,
    ),
  ]
}

/** Reads a message of a usual author. Its lists are its content, while a response with a role may contain messages. */
function readAuthored(fields: Fields): readonly Message[] | undefined {
  const role = roleOf(fields)
  const read = role !== undefined && isCommonRole(role) ? readMessage(fields, []) : undefined
  return read && [read]
}

/** Reads a single message or block. */
function readSingle(fields: Fields): readonly Message[] | undefined {
  const read = readMessage(fields, [])
  if (read !== undefined) return [read]
  const parts = readParts(fields, [])
  if (parts !== undefined) return [parts]
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
  return block.kind === "text" && block.stream === undefined && Object.keys(block.extra).length === 0
}
