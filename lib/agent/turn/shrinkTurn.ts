import { utf8Bytes } from "@/lib/protocol/bytes"
import type { Fields } from "@/lib/protocol/tolerance/values"
import type { TurnInput } from "@/lib/protocol/turn"
import type { PreparedTurn } from "./prepareTurn"

/**
 * Removes a turn's largest fields until its JSON has at most `maxBytes`. `attributes.left_out` lists them with their
 * sizes in bytes. Always succeeds if `maxBytes` is at least 8 KiB.
 */
export function shrinkTurn(prepared: PreparedTurn, maxBytes: number): PreparedTurn & { leftOut: string[] } {
  const turn: TurnInput & Fields = { ...prepared.turn }
  const sizes = Object.entries(turn)
    .map(([field, value]) => ({ field, bytes: utf8Bytes(JSON.stringify(value)) }))
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
