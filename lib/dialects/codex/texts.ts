import { asArray, asObject, asText, type JsonObject } from "@/lib/dialects/json"
import { mediaText } from "@/lib/dialects/media"

/** Returns the text of a message or an output: a string, or its text parts. Images and files become placeholders. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content
  return asArray(content)
    .map(asObject)
    .map((part) => asText(part?.text) ?? mediaText(part))
    .filter((text) => text !== undefined && !IMAGE_TAG.test(text))
    .join("\n")
}

/** Codex puts each image between two parts with these tags. */
const IMAGE_TAG = /^\s*<\/?image\b[^>]*>\s*$/

/** Returns a prompt's text without the placeholders for its images, because only some records have them. */
export function withoutImages(text: string): string {
  return text.replace(/^\[image[^\]\n]*\]\n?/gm, "").trim()
}

/** Returns what the user typed in a user message, or undefined if the tool added it as context. */
export function promptText(payload: JsonObject): string | undefined {
  const metadata = asObject(payload.internal_chat_message_metadata_passthrough)
  const kinds = asArray(metadata?.content_item_kinds)
  if (kinds.length > 0) {
    const parts = asArray(payload.content).filter((_, at) => String(kinds[at]).startsWith("user."))
    return asText(contentText(parts))
  }
  const text = contentText(payload.content)
  return isContext(text) ? undefined : asText(text)
}

/** Returns true for text that older versions send to the model as if the user had typed it. */
export function isContext(text: string): boolean {
  const start = text.trimStart()
  if (start.startsWith("# AGENTS.md instructions") || start.startsWith("<environment_context>")) return true
  const tag = /^<([\w-]+)[^>]*>/.exec(start)?.[1]
  return tag !== undefined && start.trimEnd().endsWith(`</${tag}>`)
}

/** Returns the text after the header of a message between agents, or undefined if it is encrypted. */
export function mailPayload(payload: JsonObject): string | undefined {
  const text = contentText(payload.content)
  const at = text.indexOf("Payload:\n")
  return at < 0 ? undefined : asText(text.slice(at + "Payload:\n".length).trim())
}
