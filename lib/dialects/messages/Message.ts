import { canonical, digest, toText } from "@/lib/dialects/values"
import type { Json } from "@/lib/protocol/fields"

/** A tool call as the model asked for it. */
export type CallPart = { type: "call"; id?: string; name: string; arguments: Json }

/** A tool's answer as the model receives it. */
export type ResultPart = { type: "result"; id?: string; name?: string; result: Json; isError?: boolean }

export type Part =
  | { type: "text"; text: string }
  | { type: "thinking"; text: string }
  | CallPart
  | ResultPart
  /** An image, a file, anything else; `label` names it. */
  | { type: "other"; label: string }

/** One message of a model's input or output, whatever provider's form it came in. */
export type Message = { role: "system" | "user" | "assistant" | "tool"; parts: Part[] }

/** The text of a message without thinking, calls and results; images and files by name. */
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

/** Tells messages apart. Thinking is left out: senders drop it from the history. */
export function messageDigest(message: Message): string {
  const parts = message.parts.flatMap((part) => {
    if (part.type === "text") return [part.text.trim()]
    if (part.type === "call") return [part.id ?? `${part.name}${canonical(part.arguments)}`]
    if (part.type === "result") return [part.id ?? toText(part.result)]
    return part.type === "other" ? [part.label] : []
  })
  return digest(`${message.role}\n${parts.filter((part) => part !== "").join("\n")}`)
}

/** The arguments of a call with its name, for senders that leave out call ids. */
export function callDigest(name: string, callArguments: Json): string {
  return digest(`${name}\n${canonical(callArguments)}`)
}
