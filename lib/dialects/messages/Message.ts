import { canonical, digest } from "@/lib/dialects/digest"
import { toText } from "@/lib/dialects/json"
import type { Json } from "@/lib/protocol/fields"

/** A tool call as the model requested it. */
export type CallPart = { type: "call"; id?: string; name: string; arguments: Json }

/** A tool's result, as the model receives it. */
export type ResultPart = { type: "result"; id?: string; name?: string; result: Json; isError?: boolean }

export type Part =
  | { type: "text"; text: string }
  | { type: "thinking"; text: string }
  | CallPart
  | ResultPart
  /** An image, a file, or anything else. `label` describes it. */
  | { type: "other"; label: string }

/** One message of a model's input or output, independent of the provider's format. */
export type Message = { role: "system" | "user" | "assistant" | "tool"; parts: Part[] }

/** Returns the text of a message without thinking, calls and results. Images and files become placeholders. */
export function messageText(message: Message): string {
  const texts: string[] = []
  for (const part of message.parts) {
    if (part.type === "text" && part.text !== "") texts.push(part.text)
    else if (part.type === "other") texts.push(`[${part.label}]`)
  }
  return texts.join("\n")
}

export function messageThinking(message: Message): string {
  return message.parts.flatMap((part) => (part.type === "thinking" ? [part.text] : [])).join("\n")
}

export function callsOf(messages: readonly Message[]): CallPart[] {
  return messages.flatMap((message) => message.parts.filter((part): part is CallPart => part.type === "call"))
}

/** Identifies a message. Thinking is excluded, because senders drop it from the history. */
export function messageDigest(message: Message): string {
  const parts = message.parts.flatMap((part) => {
    if (part.type === "text") return [part.text.trim()]
    if (part.type === "call") return [part.id ?? `${part.name}${canonical(part.arguments)}`]
    if (part.type === "result") return [part.id ?? toText(part.result)]
    return part.type === "other" ? [part.label] : []
  })
  return digest(`${message.role}\n${parts.filter((part) => part !== "").join("\n")}`)
}

/** Identifies a call by its name and arguments, for senders that omit call ids. */
export function callDigest(name: string, callArguments: Json): string {
  return digest(`${name}\n${canonical(callArguments)}`)
}
