import type { RunTurn } from "@/lib/protocol/turn"

/** One part of a turn as the inspector shows it; `field` is its name on the wire. */
export type TurnSection = {
  field: keyof RunTurn
  name: string
  value: unknown
  leaning: "markdown" | "text"
}

const PROMPT = { field: "prompt", name: "Prompt", leaning: "markdown" } as const
const THINKING = { field: "thinking", name: "Thinking", leaning: "markdown" } as const
const MESSAGE = { field: "message", name: "Message", leaning: "markdown" } as const
const PARAMETERS = { field: "parameters", name: "Parameters", leaning: "text" } as const
const OUTPUT = { field: "output", name: "Output", leaning: "text" } as const
const CLI = { field: "cli_outcome", name: "Command outcome", leaning: "text" } as const
const VERDICT = { field: "verifier_verdict", name: "Verdict", leaning: "text" } as const
const ATTRIBUTES = { field: "attributes", name: "Attributes", leaning: "text" } as const

const AS_TOLD = [PROMPT, THINKING, MESSAGE, PARAMETERS, OUTPUT, CLI, VERDICT, ATTRIBUTES]
const OF_A_TOOL = [PARAMETERS, OUTPUT, CLI, MESSAGE, THINKING, PROMPT, VERDICT, ATTRIBUTES]
const OF_A_MODEL = [MESSAGE, OUTPUT, THINKING, PROMPT, PARAMETERS, CLI, VERDICT, ATTRIBUTES]

/**
 * The parts that a turn has. `first`: what is looked for at the front, a tool's call, a model's words. `told`: as it went,
 * from prompt to output.
 */
export function turnSections(turn: RunTurn, sort: "first" | "told" = "first"): TurnSection[] {
  const byKind = turn.tool === undefined ? OF_A_MODEL : OF_A_TOOL
  const order = sort === "told" ? AS_TOLD : byKind
  return order.flatMap((section) => {
    const value = turn[section.field]
    const isEmpty = value === undefined || value === "" || (section === VERDICT && value === "not_run")
    const leaning = section === OUTPUT && turn.kind === "model" ? "markdown" : section.leaning
    return isEmpty ? [] : [{ ...section, value, leaning }]
  })
}

/** What was cut of a field for the wire: how many places, and their full size together in bytes. */
export function cutOf(turn: RunTurn, field: string): { places: number; bytes: number } | undefined {
  const at = Object.entries(turn.truncated ?? {}).filter(
    ([pointer]) => pointer === `/${field}` || pointer.startsWith(`/${field}/`),
  )
  if (at.length === 0) return undefined
  return { places: at.length, bytes: at.reduce((sum, [, bytes]) => sum + bytes, 0) }
}

/** Fields that were left out whole, since the turn was too large for the wire. */
export function leftOut(turn: RunTurn): { field: string; bytes: number }[] {
  return Object.entries(turn.truncated ?? {}).flatMap(([pointer, bytes]) => {
    const field = pointer.slice(1)
    return !field.includes("/") && !(field in turn) ? [{ field, bytes }] : []
  })
}
