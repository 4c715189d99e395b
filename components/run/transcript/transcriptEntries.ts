import { findFences } from "@/components/turn/formats/markdown/fences"
import type { RunTurn } from "@/lib/protocol/turn"
import { callEntry, commandOf } from "./callEntry"
import { isErrorText } from "./isErrorText"
import { promptEntries } from "./promptEntries"
import type { EntryValue, TranscriptEntry, TranscriptRole } from "./TranscriptEntry"

/** Splits a turn into parts of a conversation: prompt, thinking, message, call with its output. */
export function transcriptEntries(turn: RunTurn): TranscriptEntry[] {
  const entries: TranscriptEntry[] = []
  const role = roleOf(turn)
  const addText = (field: keyof RunTurn, author: TranscriptRole, value: unknown = turn[field]) => {
    if (value === undefined || value === null || value === "") return
    if (typeof value === "string" && value.trim() === "") return
    if (isErrorText(turn, field)) return
    const content: EntryValue = { field, value, hint: "prose", pointer: `/${field}` }
    entries.push({ kind: "text", role: author, content, isThinking: field === "thinking" })
  }
  const asked = promptEntries(turn)
  if (asked !== undefined) entries.push(...asked)
  else addText("prompt", turn.kind === "agent" || turn.kind === "system" ? role : "human")
  addText("thinking", role === "tool" ? "model" : role)
  const message = messageBeside(turn)
  addText("message", role === "tool" ? "model" : role, message)
  if (turn.tool !== undefined) entries.push(callEntry(turn, turn.kind === "agent" ? "agent" : "tool"))
  else if (isEventWithParameters(turn, entries.length)) entries.push(callEntry(turn, role))
  else addText("output", role)
  return entries
}

/**
 * Returns the message. A code block at its end that only repeats the command is left out, because the command is shown
 * as the call.
 */
function messageBeside({ tool, parameters, message, truncated }: RunTurn): string | undefined {
  if (tool === undefined || message === undefined || truncated?.["/message"] !== undefined) return message
  const command = commandOf(tool, parameters)?.text.trim()
  const fence = command === undefined ? undefined : findFences(message).at(-1)
  if (fence === undefined || message.slice(fence.end).trim() !== "") return message
  if (message.slice(fence.from, fence.to).trim() !== command) return message
  const opening = message.lastIndexOf("\n", fence.from - 2)
  return message.slice(0, Math.max(0, opening)).trimEnd()
}

/** Returns true for an event with parameters. Those of a model turn are settings, shown only if nothing else is. */
function isEventWithParameters({ kind, parameters, output }: RunTurn, others: number): boolean {
  if (parameters === undefined || parameters === null) return false
  return kind !== "model" || (others === 0 && output === undefined)
}

/** Returns who acted in a turn. */
export function roleOf({ kind, tool }: RunTurn): TranscriptRole {
  if (kind === "tool" && tool === undefined) return "model"
  return kind
}
