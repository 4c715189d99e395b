import { LIMITS } from "@/lib/protocol/limits"
import type { TurnBody, TurnOutline } from "@/lib/protocol/turn"
import { keepChars } from "./cutText"

/** How much of a text is looked at for a title: bounds the work on megabytes of output. */
const LOOKED_AT_CHARS = 2_000

/**
 * A turn without its bodies, less what the store gives it (`index`, `recorded_at`).
 * The title is the tool and its first argument, or the first line said; one line of at most 160 characters,
 * free of control and bidirectional-formatting characters, never empty.
 */
export function outlineTurn(turn: TurnBody): Omit<TurnOutline, "index" | "recorded_at"> {
  const { usage } = turn
  return {
    kind: turn.kind,
    ...(turn.tool !== undefined && { tool: turn.tool }),
    title: turnTitle(turn),
    ...(turn.started_at !== undefined && { started_at: turn.started_at }),
    ...(turn.duration_ms !== undefined && { duration_ms: turn.duration_ms }),
    ...(usage !== undefined && { tokens: (usage.input_tokens ?? 0) + (usage.output_tokens ?? 0) }),
    ...(turn.cost_usd !== undefined && { cost_usd: turn.cost_usd }),
    ...(turn.error !== undefined && { error: true as const }),
    ...(turn.child_run_id !== undefined && { child_run_id: turn.child_run_id }),
  }
}

function turnTitle(turn: TurnBody): string {
  const said = [turn.message, turn.thinking, turn.error?.message, turn.prompt, turn.output]
  if (turn.tool !== undefined) return oneLine([turn.tool, firstArgument(turn.parameters)]) || turn.kind
  if (turn.event !== undefined) return oneLine([turn.event, firstLine(said)]) || turn.kind
  return oneLine([firstLine(said)]) || turn.kind
}

/** The first argument that is a text, by its first line; without one the first number or boolean. */
export function firstArgument(parameters: unknown): string {
  if (typeof parameters !== "object" || parameters === null) return scalar(parameters)
  let found = ""
  for (const key in parameters) {
    if (!Object.hasOwn(parameters, key)) continue
    const value = parameters[key as keyof typeof parameters]
    const shown = scalar(value)
    if (shown !== "" && typeof value === "string") return shown
    if (found === "") found = shown
  }
  return found
}

function scalar(value: unknown): string {
  if (typeof value === "string") return firstLine([value])
  return typeof value === "number" || typeof value === "boolean" ? String(value) : ""
}

/** The first line with anything to see in it. */
function firstLine(texts: readonly unknown[]): string {
  for (const text of texts) {
    if (typeof text !== "string") continue
    for (const line of text.slice(0, LOOKED_AT_CHARS).split(/[\r\n]+/)) {
      const clean = visible(line)
      if (clean !== "") return clean
    }
  }
  return ""
}

function oneLine(parts: readonly string[]): string {
  const line = parts.map(visible).filter(Boolean).join(" ")
  if (line.length <= LIMITS.titleChars) return line
  return `${keepChars(line, LIMITS.titleChars - 1)}…`
}

/** A line as a cell may show it: ANSI sequences and bidirectional marks gone, control characters and runs of spaces one space. */
function visible(line: string): string {
  return (
    line
      .slice(0, LOOKED_AT_CHARS)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it is here to find
      .replace(/\u001b\[[0-9;:?]{0,64}[A-Za-z]/g, "")
      .replace(/[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, "")
      .replace(/[\p{Cc}\s]+/gu, " ")
      .trim()
  )
}
