import { readStreams } from "@/components/turn/formats/streams/readStreams"
import { oneLine } from "@/components/ui/text/showControls"
import type { RunTurn } from "@/lib/protocol/turn"
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
    if (isError(turn, field)) return
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

/** Whether a field only repeats the error's message, which is shown separately. */
function isError(turn: RunTurn, field: keyof RunTurn): boolean {
  const { error, truncated, [field]: value } = turn
  if (error === undefined || typeof value !== "string" || value.trim() !== error.message.trim()) return false
  return truncated?.[`/${field}`] === truncated?.["/error/message"]
}

function roleOf({ kind, tool }: RunTurn): TranscriptRole {
  if (kind === "tool" && tool === undefined) return "model"
  return kind
}

function callEntry(turn: RunTurn, tool: string): TranscriptEntry {
  const { parameters, output } = turn
  const command = commandOf(tool, parameters)
  const shown = command === undefined ? parameters : command.rest
  const args = shortArguments(shown)
  const title = command === undefined ? { tool, args } : { command: command.text, args }
  const isInTitle = isShort(shown)
  const hasOutput = output !== undefined && output !== "" && !isError(turn, "output")
  return {
    kind: "call",
    role: turn.kind === "agent" ? "agent" : "tool",
    title,
    parameters: isInTitle
      ? undefined
      : { field: "parameters", value: parameters, hint: "output", pointer: "/parameters" },
    output: hasOutput
      ? {
          field: "output",
          value: output,
          hint: turn.kind === "agent" ? "prose" : "output",
          pointer: "/output",
        }
      : undefined,
    streams: hasStreams(turn)
      ? { field: "cli_outcome", value: turn.cli_outcome, hint: "output", pointer: "/cli_outcome" }
      : undefined,
  }
}

/** Returns true if the exit status has output of the process that isn't part of the turn's output. */
export function hasStreams({ cli_outcome, output }: RunTurn): boolean {
  const streams = readStreams(cli_outcome)?.streams ?? []
  const shown = typeof output === "string" ? output : JSON.stringify(output ?? "")
  return streams.some(({ text }) => text.trim() !== "" && !shown.includes(text.trim()))
}

const SHELL_TOOLS = /bash|shell|terminal|\bsh\b|command|exec|run_|powershell/i
const COMMAND_KEYS = ["command", "cmd", "script", "action"]

/** Returns the shell command that a tool runs, and its other parameters. */
function commandOf(tool: string, parameters: unknown): { text: string; rest: object } | undefined {
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) return undefined
  const fields = parameters as Record<string, unknown>
  const keys = Object.keys(fields)
  const key = COMMAND_KEYS.find((one) => keys.includes(one))
  if (key === undefined || !(SHELL_TOOLS.test(tool) || keys.length === 1)) return undefined
  const { [key]: value, ...rest } = fields
  // Codex and Node send an argument list.
  const text =
    Array.isArray(value) && value.every((part) => typeof part === "string") ? value.join(" ") : value
  return typeof text === "string" && text.trim() !== "" ? { text: text.trimEnd(), rest } : undefined
}

const MAX_ARGS_CHARS = 200
const MAX_VALUE_CHARS = 80

/** Formats parameters on one line: `path: "src/auth.ts", limit: 10`. */
function shortArguments(parameters: unknown): string {
  if (parameters === undefined || parameters === null) return ""
  if (typeof parameters !== "object") return oneLine(String(parameters), MAX_ARGS_CHARS)
  const parts = Object.entries(parameters).map(([name, value]) => `${name}: ${shortValue(value)}`)
  return oneLine(parts.join(", "), MAX_ARGS_CHARS)
}

function shortValue(value: unknown): string {
  if (typeof value === "string") {
    const isLong = value.length > MAX_VALUE_CHARS || value.trimEnd().includes("\n")
    return isLong ? `"${oneLine(value, MAX_VALUE_CHARS)}…"` : JSON.stringify(value.trimEnd())
  }
  if (typeof value !== "object" || value === null) return String(value)
  return Array.isArray(value) ? `[${value.length}]` : "{…}"
}

/** Whether the short form shows every parameter in full. */
function isShort(parameters: unknown): boolean {
  if (parameters === undefined || parameters === null) return true
  if (typeof parameters !== "object") return String(parameters).length <= MAX_ARGS_CHARS
  const values = Object.values(parameters)
  const isPlain = (value: unknown) =>
    typeof value === "string"
      ? value.length <= MAX_VALUE_CHARS && !value.trimEnd().includes("\n")
      : typeof value !== "object" || value === null
  return values.every(isPlain) && shortArguments(parameters).length < MAX_ARGS_CHARS
}
