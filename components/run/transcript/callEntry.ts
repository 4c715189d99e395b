import { readEdits } from "@/components/turn/formats/edit/readEdits"
import { childPath } from "@/components/turn/formats/json/findInJson"
import { readStreams } from "@/components/turn/formats/streams/readStreams"
import { readTodos } from "@/components/turn/formats/todo/readTodos"
import type { RunTurn } from "@/lib/protocol/turn"
import { isShort, longText, shortArguments } from "./callArguments"
import { isErrorText } from "./isErrorText"
import type { TranscriptEntry, TranscriptRole } from "./TranscriptEntry"

/**
 * Returns the entry of a tool call, or of an event with parameters. It has the parameters on one line, and the output.
 */
export function callEntry(turn: RunTurn, role: TranscriptRole): TranscriptEntry {
  const { tool, parameters, output } = turn
  const command = tool === undefined ? undefined : commandOf(tool, parameters)
  const edit = command === undefined ? readEdits(parameters) : undefined
  const todos = command === undefined ? readTodos(parameters) : undefined
  const isPlain = command === undefined && edit === undefined && todos === undefined
  const long = isPlain ? longText(parameters) : undefined
  const shown = command?.rest ?? edit?.rest ?? todos?.rest ?? long?.rest ?? parameters
  const args = shortArguments(shown)
  const name = tool === undefined ? {} : { tool }
  const title = command === undefined ? { ...name, args } : { command: command.text, args }
  const isOpen = edit !== undefined || todos !== undefined || long !== undefined
  const rest = edit?.rest ?? todos?.rest
  const hasOutput = output !== undefined && output !== "" && !isErrorText(turn, "output")
  return {
    kind: "call",
    role,
    title,
    parameters:
      !isOpen && isShort(shown)
        ? undefined
        : {
            field: "parameters",
            value: long?.text ?? (rest === undefined ? parameters : without(parameters, rest)),
            // If a call has no result, its long argument is often the answer.
            hint: long === undefined || hasOutput ? "output" : "prose",
            pointer: long === undefined ? "/parameters" : childPath("/parameters", long.key),
          },
    isOpen,
    output: hasOutput
      ? {
          field: "output",
          value: output,
          hint: role === "tool" ? "output" : "prose",
          pointer: "/output",
        }
      : undefined,
    streams: hasStreams(turn)
      ? { field: "cli_outcome", value: turn.cli_outcome, hint: "output", pointer: "/cli_outcome" }
      : undefined,
  }
}

/** Returns the parameters without `others`, which the title already shows. */
function without(parameters: unknown, others: object): object {
  return Object.fromEntries(Object.entries(parameters ?? {}).filter(([name]) => !Object.hasOwn(others, name)))
}

/** Returns true if `cli_outcome` has output of the process that isn't part of the turn's output. */
export function hasStreams({ cli_outcome, output }: RunTurn): boolean {
  const streams = readStreams(cli_outcome)?.streams ?? []
  const shown = typeof output === "string" ? output : JSON.stringify(output ?? "")
  return streams.some(({ text }) => text.trim() !== "" && !shown.includes(text.trim()))
}

const SHELL_TOOLS = /bash|shell|terminal|\bsh\b|command|exec|run_|powershell/i
const COMMAND_KEYS = ["command", "cmd", "script", "action"]

/** Returns the shell command that a tool runs, and the tool's other parameters. */
export function commandOf(tool: string, parameters: unknown): { text: string; rest: object } | undefined {
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) return undefined
  const fields = parameters as Record<string, unknown>
  const keys = Object.keys(fields)
  const key = COMMAND_KEYS.find((one) => keys.includes(one))
  if (key === undefined || !(SHELL_TOOLS.test(tool) || keys.length === 1)) return undefined
  const { [key]: value, ...rest } = fields
  // Codex and Node send the command as a list of arguments.
  const text =
    Array.isArray(value) && value.every((part) => typeof part === "string") ? value.join(" ") : value
  return typeof text === "string" && text.trim() !== "" ? { text: text.trimEnd(), rest } : undefined
}
