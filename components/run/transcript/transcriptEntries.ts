import { readEdits } from "@/components/turn/formats/edit/readEdits"
import { leafText } from "@/components/turn/formats/json/parseJson"
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
  const edit = command === undefined ? readEdits(parameters) : undefined
  const shown = command?.rest ?? edit?.rest ?? parameters
  const args = shortArguments(shown)
  const title = command === undefined ? { tool, args } : { command: command.text, args }
  const isInTitle = edit === undefined && isShort(shown)
  const hasOutput = output !== undefined && output !== "" && !isError(turn, "output")
  return {
    kind: "call",
    role: turn.kind === "agent" ? "agent" : "tool",
    title,
    parameters: isInTitle
      ? undefined
      : { field: "parameters", value: parameters, hint: "output", pointer: "/parameters" },
    isEdit: edit !== undefined,
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

const MAX_ARGS_CHARS = 400
const MAX_VALUE_CHARS = 80
/** A single value or a path has room for more: the end of a path says the most. */
const MAX_SINGLE_CHARS = 200

/** Formats parameters on one line: `path: "src/auth.ts", limit: 10`. */
function shortArguments(parameters: unknown): string {
  if (parameters === undefined || parameters === null) return ""
  if (typeof parameters !== "object") return oneLine(String(parameters), MAX_ARGS_CHARS)
  const entries = Object.entries(parameters)
  const parts = entries.map(([name, value]) => `${name}: ${shortValue(value, entries.length)}`)
  return oneLine(parts.join(", "), MAX_ARGS_CHARS)
}

function shortValue(value: unknown, count: number): string {
  if (typeof value === "string") {
    if (isShortText(value, count)) return JSON.stringify(value.trimEnd())
    return `"${oneLine(value, MAX_VALUE_CHARS)}…"`
  }
  if (typeof value !== "object" || value === null) return leafText(value)
  return Array.isArray(value) ? `[${value.length}]` : "{…}"
}

function isShortText(text: string, count: number): boolean {
  const isPath = /^\S*[/\\]\S*$/.test(text)
  const room = count === 1 || isPath ? MAX_SINGLE_CHARS : MAX_VALUE_CHARS
  return text.length <= room && !text.trimEnd().includes("\n")
}

/** Whether the short form shows every parameter in full. */
function isShort(parameters: unknown): boolean {
  if (parameters === undefined || parameters === null) return true
  if (typeof parameters !== "object") return String(parameters).length <= MAX_ARGS_CHARS
  const values = Object.values(parameters)
  const isPlain = (value: unknown) =>
    typeof value === "string"
      ? isShortText(value, values.length)
      : typeof value !== "object" || value === null
  return values.every(isPlain) && shortArguments(parameters).length < MAX_ARGS_CHARS
}
