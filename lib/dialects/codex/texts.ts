import { asArray, asObject, asText, type JsonObject } from "@/lib/dialects/json"

/** The text of a message's or an output's content: a string, or its text parts. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content
  return asArray(content)
    .map((part) => asText(asObject(part)?.text))
    .filter((text) => text !== undefined)
    .join("\n")
}

/** What the person typed in a user message; undefined when it is context that the tool added. */
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

/** Texts that older versions give the model as if the person had typed them. */
export function isContext(text: string): boolean {
  const start = text.trimStart()
  if (start.startsWith("# AGENTS.md instructions") || start.startsWith("<environment_context>")) return true
  const tag = /^<([\w-]+)[^>]*>/.exec(start)?.[1]
  return tag !== undefined && start.trimEnd().endsWith(`</${tag}>`)
}

/** The text after the header of a message between agents; undefined when it is encrypted. */
export function mailPayload(payload: JsonObject): string | undefined {
  const text = contentText(payload.content)
  const at = text.indexOf("Payload:\n")
  return at < 0 ? undefined : asText(text.slice(at + "Payload:\n".length).trim())
}
