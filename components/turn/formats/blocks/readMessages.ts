import { exitCodeIn } from "@/lib/trace/exitCode"
import { type Block, type Fields, isFields, type Message, otherFields } from "./Block"
import { readBlock, readBlockList, readContent, readMixedList } from "./readBlock"
import { hasType, message, readMessage, readParts, roleOf } from "./readMessage"
import { readNotebook } from "./readNotebook"
import { itemsOf, readMessageList, readResponse } from "./readResponse"

/**
 * Reads content blocks and messages as agents send them: a list of blocks, a tool's result (`{ content, isError }`), a
 * message, a list of messages, a provider's response, a notebook, or an observation of OpenHands. Returns undefined for
 * any other value.
 */
export function readMessages(value: unknown): readonly Message[] | undefined {
  const blocks = readBlockList(value, [])
  if (blocks !== undefined) return [message(undefined, blocks, [], {})]
  if (Array.isArray(value)) return readMessageList(itemsOf(value, []))
  if (!isFields(value)) return undefined
  return (
    readResult(value) ??
    readNotebook(value) ??
    readObservation(value) ??
    readResponse(value) ??
    readSingle(value)
  )
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
