import type { Message } from "@/components/turn/formats/blocks/Block"
import { readMessages } from "@/components/turn/formats/blocks/readMessages"
import { parseJsonText } from "@/components/turn/formats/json/parseJson"
import type { RunTurn } from "@/lib/protocol/turn"
import type { EntryValue, TranscriptEntry, TranscriptRole } from "./TranscriptEntry"

/** Authors by role in the messages of providers. Any other role is the model. */
const ROLES: Readonly<Record<string, TranscriptRole>> = {
  user: "human",
  human: "human",
  system: "system",
  developer: "system",
  tool: "tool",
  function: "tool",
}

/**
 * Splits a model's prompt that is JSON. A list of messages becomes the number of messages up to the model's last
 * answer, followed by each message after it. A request with a single text becomes its instructions and that text.
 * Returns undefined for any other prompt.
 */
export function promptEntries({ kind, prompt, truncated }: RunTurn): TranscriptEntry[] | undefined {
  if (kind !== "model" || prompt === undefined || truncated?.["/prompt"] !== undefined) return undefined
  const json = parseJsonText(prompt)
  const request = json === undefined ? undefined : requestEntries(json)
  if (request !== undefined) return request
  const messages = json === undefined ? undefined : readMessages(json)
  const said = messages?.filter(({ role, blocks }) => role !== undefined || blocks.length > 0) ?? []
  if (said.length === 0 || said.every(({ role }) => role === undefined)) return undefined
  const start = said.findLastIndex((message) => roleOf(message) === "model") + 1
  const fresh = said.slice(start)
  // Without new messages (a continued answer), everything is history.
  const entries = fresh.map(
    (message): TranscriptEntry => ({
      kind: "text",
      role: roleOf(message),
      content: messageValue(message, json),
      isThinking: false,
    }),
  )
  if (start === 0) return entries
  const content: EntryValue = { field: "prompt", value: prompt, hint: "prose", pointer: "/prompt" }
  return [{ kind: "history", role: "system", content, count: start }, ...entries]
}

/**
 * Fields of requests. `REQUEST_TEXTS` can contain a request's text. A request is shown as its text only if all its
 * fields are in one of these three lists.
 */
const REQUEST_TEXTS = ["prompt", "contents", "input"]
const REQUEST_OTHERS = ["model", "stream", "temperature", "max_tokens"]
const INSTRUCTIONS = ["system", "instructions"]

/** Reads a request with a single text: `{ model, prompt, system }`. Undefined for any other value. */
function requestEntries(json: unknown): TranscriptEntry[] | undefined {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return undefined
  const fields = Object.entries(json)
  const texts = fields.filter(([key]) => REQUEST_TEXTS.includes(key))
  const others = fields.filter(([key]) => ![...REQUEST_TEXTS, ...REQUEST_OTHERS].includes(key))
  if (texts.length !== 1 || !others.every(([key]) => INSTRUCTIONS.includes(key))) return undefined
  if (![...texts, ...others].every(([, value]) => typeof value === "string")) return undefined
  const entry = (role: TranscriptRole, value: unknown): TranscriptEntry => ({
    kind: "text",
    role,
    content: { field: "prompt", value, hint: "prose", pointer: undefined },
    isThinking: false,
  })
  return [
    ...others.map(([, value]) => entry("system", value)),
    ...texts.map(([, value]) => entry("human", value)),
  ]
}

function roleOf({ role, blocks }: Message): TranscriptRole {
  if (role === undefined) return blocks.every(({ kind }) => kind === "result") ? "tool" : "model"
  const onlyResults = blocks.length > 0 && blocks.every(({ kind }) => kind === "result")
  if (onlyResults) return "tool"
  return Object.hasOwn(ROLES, role) ? (ROLES[role] ?? "model") : "model"
}

/** Returns the text of a message that only consists of text, or else its content or the whole message. */
function messageValue({ blocks, extra, path }: Message, json: unknown): EntryValue {
  const [block] = blocks
  const isText =
    blocks.length === 1 && block?.kind === "text" && Object.keys({ ...extra, ...block.extra }).length === 0
  const value = isText ? block.text : contentOf(path.reduce<unknown>(childOf, json))
  // JSON pointers into the turn can't point inside a string.
  return { field: "prompt", value, hint: "prose", pointer: undefined }
}

/** Returns a message's content if it has no other fields except its role, which the entry shows. */
function contentOf(message: unknown): unknown {
  if (typeof message !== "object" || message === null) return message
  const others = Object.keys(message).filter((key) => key !== "role")
  const isContent = others.length === 1 && ["content", "parts"].includes(others[0] ?? "")
  return isContent ? childOf(message, others[0] ?? "") : message
}

function childOf(node: unknown, key: string): unknown {
  return typeof node === "object" && node !== null ? node[key as keyof typeof node] : undefined
}
