import {
  type Block,
  type Fields,
  isFields,
  type Message,
  otherFields,
} from "@/components/turn/formats/blocks/Block"
import { readBlock } from "@/components/turn/formats/blocks/readBlock"
import { message } from "./readMessage"

/** Authors by kind of part. Parts of other kinds are the model's. */
const ROLES: Readonly<Record<string, string>> = {
  "system-prompt": "system",
  "user-prompt": "user",
  "tool-return": "tool",
  "retry-prompt": "tool",
}

/**
 * Reads a request or response of Pydantic AI, `{ kind: "request", parts: [{ part_kind, content }] }`. The parts of a
 * request have different authors, so that each becomes a message. Returns undefined for any other value.
 */
export function readPydantic(fields: Fields, path: readonly string[]): readonly Message[] | undefined {
  const { kind, parts } = fields
  if ((kind !== "request" && kind !== "response") || !Array.isArray(parts)) return undefined
  if (!parts.every((part) => isFields(part) && typeof part.part_kind === "string")) return undefined
  const messages: Message[] = []
  for (const [at, part] of parts.entries()) {
    const own = [...path, "parts", String(at)]
    const block: Block = readBlock(part, own) ?? { kind: "value", value: part, path: own, extra: {} }
    const role = ROLES[part.part_kind] ?? "assistant"
    const last = messages.at(-1)
    // Several parts have no common path other than the item's.
    if (last?.role === role)
      messages[messages.length - 1] = { ...last, path, blocks: [...last.blocks, block] }
    else messages.push(message(role, [block], own, {}))
  }
  const extra = otherFields(fields, ["kind", "parts"])
  const last = messages.pop()
  return last === undefined ? undefined : [...messages, { ...last, extra }]
}
