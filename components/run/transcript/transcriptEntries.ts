import type { RunTurn } from "@/lib/protocol/turn"
import { callEntry } from "./callEntry"
import { isErrorText } from "./isErrorText"
import { promptEntries } from "./promptEntries"
import type { EntryValue, TranscriptEntry, TranscriptRole } from "./TranscriptEntry"

/** Splits a turn into parts of a conversation: prompt, thinking, message, call with its output. */
export function transcriptEntries(turn: RunTurn): TranscriptEntry[] {
  const entries: TranscriptEntry[] = []
  const role = roleOf(turn)
  const addWords = (field: keyof RunTurn, wordsRole: TranscriptRole, isThinking = false) => {
    const value = turn[field]
    if (value === undefined || value === null || value === "") return
    if (typeof value === "string" && value.trim() === "") return
    if (isErrorText(turn, field)) return
    const words: EntryValue = { field, value, hint: "prose", pointer: `/${field}` }
    entries.push({ kind: "words", role: wordsRole, words, isThinking })
  }
  const asked = promptEntries(turn)
  if (asked !== undefined) entries.push(...asked)
  else addWords("prompt", turn.kind === "agent" || turn.kind === "system" ? role : "human")
  addWords("thinking", role === "tool" ? "model" : role, true)
  addWords("message", role === "tool" ? "model" : role)
  if (turn.tool !== undefined) entries.push(callEntry(turn, turn.tool))
  else addWords("output", role)
  return entries
}

function roleOf({ kind, tool }: RunTurn): TranscriptRole {
  if (kind === "tool" && tool === undefined) return "model"
  return kind
}
