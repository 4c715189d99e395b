import { utf8Bytes } from "@/lib/protocol/bytes"
import type { TurnInput } from "@/lib/protocol/turn"
import type { PreparedTurn } from "./prepareTurn"

const HEAVY = [
  "output",
  "parameters",
  "prompt",
  "message",
  "thinking",
  "attributes",
  "cli_outcome",
  "verifier_verdict",
  "error",
] as const

/**
 * Leaves a turn's largest fields out until its JSON is at most `maxBytes`; `attributes.left_out` names them with their sizes in bytes.
 * Everything else of the turn stays: kind, tool, times, usage, cost. Always fits, for a `maxBytes` of 8 KiB or more.
 */
export function shrinkTurn(prepared: PreparedTurn, maxBytes: number): PreparedTurn & { leftOut: string[] } {
  const turn: TurnInput = { ...prepared.turn }
  const sizes = HEAVY.filter((field) => turn[field] !== undefined)
    .map((field) => ({ field, bytes: utf8Bytes(JSON.stringify(turn[field])) }))
    .sort((a, b) => b.bytes - a.bytes)
  const leftOut: Record<string, number> = {}
  let bytes = prepared.bytes
  for (const { field, bytes: fieldBytes } of sizes) {
    if (bytes <= maxBytes) break
    if (field === "error") turn.error = { message: "[left out: too large]" }
    else delete turn[field]
    leftOut[field] = fieldBytes
    turn.attributes = { ...turn.attributes, left_out: { ...leftOut } }
    bytes = utf8Bytes(JSON.stringify(turn))
  }
  return { turn, bytes, leftOut: Object.keys(leftOut) }
}
