import {
  type Block,
  type Fields,
  isFields,
  type Message,
  otherFields,
} from "@/components/turn/formats/blocks/Block"
import { message } from "./readMessage"

/** Reads messages anywhere in a value. */
type ReadMessages = (value: unknown) => readonly Message[] | undefined

/**
 * Reads an envelope: a response of JSON-RPC, with which MCP sends results, or an event of OpenAI's Realtime API. Returns
 * undefined for any other value.
 */
export function unwrapMessages(fields: Fields, read: ReadMessages): readonly Message[] | undefined {
  const key = keyOf(fields)
  const messages = key === undefined ? undefined : read(fields[key])
  if (key === undefined || messages === undefined) return undefined
  const extra = otherFields(fields, [key])
  return [
    ...messages.map((one) => ({ ...one, path: [key, ...one.path], blocks: one.blocks.map(within(key)) })),
    ...(Object.keys(extra).length === 0 ? [] : [message(undefined, [], [], extra)]),
  ]
}

function keyOf({ jsonrpc, result, type, response }: Fields): string | undefined {
  if (typeof jsonrpc === "string" && isFields(result)) return "result"
  return typeof type === "string" && type.startsWith("response.") && isFields(response)
    ? "response"
    : undefined
}

/** Returns a function that adds a key at the start of a block's paths. */
function within(key: string): (block: Block) => Block {
  return (block) => {
    const moved = { ...block, path: [key, ...block.path] }
    if (moved.kind === "result") return { ...moved, blocks: moved.blocks.map(within(key)) }
    if (moved.kind === "text" || moved.kind === "thinking")
      return moved.textPath === undefined ? moved : { ...moved, textPath: [key, ...moved.textPath] }
    if (moved.kind === "call")
      return moved.argsPath === undefined ? moved : { ...moved, argsPath: [key, ...moved.argsPath] }
    if (moved.kind === "file" && moved.descriptionPath !== undefined)
      return { ...moved, descriptionPath: [key, ...moved.descriptionPath] }
    return moved
  }
}
