import type { RunTurn } from "@/lib/protocol/turn"
import type { TextCut } from "./text/textParts"

/** The strings of a field that were cut for the wire, by JSON pointer. */
export type FieldCuts = ReadonlyMap<string, TextCut>

const NO_CUTS: FieldCuts = new Map()

/** Returns what was cut in a field of a turn. */
export function cutsOf({ truncated, tails }: RunTurn, field: string): FieldCuts {
  if (truncated === undefined) return NO_CUTS
  const cuts = Object.entries(truncated).filter(
    ([pointer]) => pointer === `/${field}` || pointer.startsWith(`/${field}/`),
  )
  if (cuts.length === 0) return NO_CUTS
  return new Map(cuts.map(([pointer, bytes]) => [pointer, { bytes, tail: tails?.[pointer] ?? "" }]))
}

/** Returns fields that were omitted because the turn was too large for the wire, with their sizes. */
export function omittedFields(turn: RunTurn): { field: string; bytes: number }[] {
  return Object.entries(turn.truncated ?? {}).flatMap(([pointer, bytes]) => {
    const field = pointer.slice(1)
    if (field.includes("/")) return []
    // A required field is replaced by null.
    const value = field in turn ? turn[field as keyof RunTurn] : undefined
    return value === undefined || value === null ? [{ field, bytes }] : []
  })
}
