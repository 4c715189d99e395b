import { leafText, printJson } from "@/components/turn/formats/json/parseJson"
import { turnSections } from "@/components/turn/turnSections"
import { stringifyExact } from "@/lib/protocol/exactNumbers"
import type { RunTurn } from "@/lib/protocol/turn"

/** Returns a turn as Markdown: a heading, then each section in chronological order. */
export function turnMarkdown(turn: RunTurn): string {
  const parts = [`## Turn ${turn.index} · ${turn.tool ?? turn.event ?? turn.kind}`]
  for (const { name, value, hint } of turnSections(turn, "chronological")) {
    const text = asText(value)
    const body = hint === "prose" ? text : fenced(text, typeof value === "string" ? "" : "json")
    parts.push(`**${name}**\n\n${body}`)
  }
  if (turn.error !== undefined) parts.push(errorMarkdown(turn.error))
  return `${parts.join("\n\n")}\n`
}

/** Returns an error's message and all its other fields. */
function errorMarkdown({ message, type, ...rest }: NonNullable<RunTurn["error"]>): string {
  const title = type === undefined ? "**Error**" : `**Error · ${type}**`
  const more = Object.keys(rest).length === 0 ? [] : [fenced(printJson(rest), "json")]
  return [title, fenced(message, ""), ...more].join("\n\n")
}

/** Returns a code block whose fence is longer than any fence in the text. */
function fenced(text: string, language: string): string {
  const longest = [...text.matchAll(/`{3,}/g)].reduce((max, [fence]) => Math.max(max, fence.length), 2)
  const fence = "`".repeat(longest + 1)
  return `${fence}${language}\n${text.replace(/\n$/, "")}\n${fence}`
}

type ChatMessage = Record<string, unknown>

/** Returns a turn as messages in the format of OpenAI's Chat Completions, which most providers accept. */
export function turnMessages(turn: RunTurn): ChatMessage[] {
  const messages: ChatMessage[] = []
  if (turn.prompt !== undefined) messages.push({ role: "user", content: turn.prompt })
  const callId = turn.call_id ?? `call_${turn.index}`
  if (turn.tool !== undefined) {
    const call = {
      id: callId,
      type: "function",
      function: { name: turn.tool, arguments: stringifyExact(turn.parameters ?? {}) },
    }
    messages.push({ role: "assistant", content: turn.message ?? null, tool_calls: [call] })
    const result = turn.output ?? turn.error?.message
    if (result !== undefined) messages.push({ role: "tool", tool_call_id: callId, content: asText(result) })
  } else {
    const content = turn.message ?? (turn.output === undefined ? undefined : asText(turn.output))
    if (content !== undefined) messages.push({ role: roleOf(turn), content })
  }
  return messages
}

function roleOf({ kind }: RunTurn): string {
  return kind === "human" ? "user" : kind === "system" ? "system" : "assistant"
}

function asText(value: unknown): string {
  return typeof value === "string" ? leafText(value) : printJson(value)
}

/** Returns a command that fetches the turn. The token is a variable, so that it isn't copied. */
export function turnCurl(server: string, runId: string, index: number): string {
  const url = `${server}/api/runs/${encodeURIComponent(runId)}/turns/${index}`
  return `curl -H "Authorization: Bearer $TURNLINE_TOKEN" '${url.replaceAll("'", "%27")}'`
}
