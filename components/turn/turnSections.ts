import type { RunTurn } from "@/lib/protocol/turn"
import type { TextHint } from "./formats/Format"
import { readStreams } from "./formats/streams/readStreams"
import { strings } from "./strings"

/** A section of a turn. `field` is the name of the turn's field on the wire. */
export type TurnSection = {
  field: keyof RunTurn
  name: string
  value: unknown
  hint: TextHint
}

const NAMES = strings.sections
const PROMPT = { field: "prompt", name: NAMES.prompt, hint: "prose" } as const
const THINKING = { field: "thinking", name: NAMES.thinking, hint: "prose" } as const
const MESSAGE = { field: "message", name: NAMES.message, hint: "prose" } as const
const PARAMETERS = { field: "parameters", name: NAMES.parameters, hint: "output" } as const
const OUTPUT = { field: "output", name: NAMES.output, hint: "output" } as const
const EXIT = { field: "cli_outcome", name: NAMES.exit, hint: "output" } as const
const VERDICT = { field: "verifier_verdict", name: NAMES.verdict, hint: "output" } as const
const ATTRIBUTES = { field: "attributes", name: NAMES.attributes, hint: "output" } as const

const CHRONOLOGICAL = [PROMPT, THINKING, MESSAGE, PARAMETERS, OUTPUT, EXIT, VERDICT, ATTRIBUTES]
const OF_A_TOOL = [PARAMETERS, OUTPUT, EXIT, MESSAGE, THINKING, PROMPT, VERDICT, ATTRIBUTES]
const OF_A_MODEL = [MESSAGE, OUTPUT, THINKING, PROMPT, PARAMETERS, EXIT, VERDICT, ATTRIBUTES]

/**
 * Returns the sections of a turn. `importance`: the most important section first, which is a tool's call or a model's
 * message. `chronological`: from prompt to output.
 */
export function turnSections(
  turn: RunTurn,
  order: "importance" | "chronological" = "importance",
): TurnSection[] {
  const byImportance = turn.tool === undefined ? OF_A_MODEL : OF_A_TOOL
  const sections = order === "chronological" ? CHRONOLOGICAL : byImportance
  return sections.flatMap((section) => {
    const value = fieldValue(turn, section.field)
    const isEmpty = value === undefined || value === "" || (section === VERDICT && value === "not_run")
    const hint = section === OUTPUT && isProseOutput(turn) ? "prose" : section.hint
    return isEmpty ? [] : [{ ...section, value, hint }]
  })
}

/** Returns a field's value. The exit code has its own section only if neither `cli_outcome` nor the output shows it. */
function fieldValue(turn: RunTurn, field: keyof RunTurn): unknown {
  const value = turn[field]
  if (field !== "cli_outcome" || value !== undefined || turn.exit_code === undefined) return value
  const { output } = turn
  const isInOutput = typeof output === "object" && output !== null && "exit_code" in output
  return isInOutput || readStreams(output)?.exitCode !== undefined ? undefined : { exit_code: turn.exit_code }
}

/** Returns true if the output is prose: a model or an agent returns prose, a tool doesn't. */
function isProseOutput({ kind, tool }: RunTurn): boolean {
  return kind === "model" || kind === "human" || (kind === "agent" && tool === undefined)
}
