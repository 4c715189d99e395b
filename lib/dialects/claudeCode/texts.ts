import { asArray, asObject, asText, type JsonObject } from "@/lib/dialects/json"
import { mediaText } from "@/lib/dialects/media"

/** Prefixes of user records that nobody typed. */
const NOT_TYPED = [
  "<system-reminder>",
  "<local-command",
  "<command-name>",
  "<bash-input>",
  "<bash-stdout>",
  "<bash-stderr>",
]

/** Returns the text of a message's content: a string, or its text blocks. Images and documents become placeholders. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content
  return asArray(content)
    .map((block) => blockText(asObject(block)))
    .filter((text) => text !== undefined)
    .join("\n")
}

function blockText(block: JsonObject | undefined): string | undefined {
  if (block === undefined) return undefined
  if (block.type === "text") return asText(block.text)
  if (block.type === "tool_reference") return asText(block.tool_name)
  return mediaText(block)
}

export type UserText =
  | { kind: "prompt"; text: string }
  | { kind: "notification"; text: string }
  | { kind: "interrupt"; text: string }
  | { kind: "ignored" }

/** Classifies the text of a user record: typed by the user, written by the tool, or to be ignored. */
export function classifyUserText(record: JsonObject): UserText {
  const message = asObject(record.message)
  const text = contentText(message?.content)
  const start = text.trimStart()
  if (start.startsWith("[Request interrupted")) return { kind: "interrupt", text }
  if (start.startsWith("<task-notification>")) return { kind: "notification", text }
  if (record.promptSource === "system" || record.turnOrigin === "task_notification")
    return { kind: "notification", text }
  if (record.isMeta === true || record.isVisibleInTranscriptOnly === true) return { kind: "ignored" }
  if (text === "" || NOT_TYPED.some((beginning) => start.startsWith(beginning))) return { kind: "ignored" }
  return { kind: "prompt", text: commandText(text) ?? text }
}

/** Returns a command that became a prompt, as the user typed it: `/review src`. */
function commandText(text: string): string | undefined {
  if (!text.startsWith("<command-message>")) return undefined
  const name = /<command-name>\s*([^<]*)<\/command-name>/.exec(text)?.[1]?.trim()
  if (!name) return undefined
  const args = /<command-args>([\s\S]*?)<\/command-args>/.exec(text)?.[1]?.trim()
  return [name.startsWith("/") ? name : `/${name}`, args].filter(Boolean).join(" ")
}
