import { utf8Bytes } from "@/lib/protocol/bytes"
import type { RunTurn, TurnBody, TurnInput } from "@/lib/protocol/turn"
import { cutForWire } from "@/lib/trace/cutForWire"
import { normaliseTurn } from "@/lib/trace/normaliseTurn"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { turnTotals } from "@/lib/trace/turnTotals"
import type { Redactor } from "@/server/redact/Redactor"
import { mayHoldSecrets } from "@/server/redact/suspect"
import type { EncodedTurn } from "@/server/store/RunStore"

/** A turn ready for the store and for the wire, and its size as stored in bytes. */
export type PreparedTurn = { encoded: EncodedTurn; wire: TurnBody; bytes: number }

/** Normalises a turn as sent and encodes it once; with a redactor its secrets are gone from all of it, before anything is cut. */
export function prepareTurn(turn: TurnInput & Record<string, unknown>, redactor?: Redactor): PreparedTurn {
  const sent = normaliseTurn(turn)
  const text = JSON.stringify(sent)
  const whole = redactor !== undefined && mayHoldSecrets(text) ? redactor.suspect(sent) : sent
  const body = whole === sent ? text : JSON.stringify(whole)
  const bytes = utf8Bytes(body)
  const wire = cutForWire(whole, bytes)
  return {
    encoded: {
      body,
      ...(wire !== whole && { preview: JSON.stringify(wire) }),
      outline: JSON.stringify(outlineTurn(whole)),
      totals: turnTotals(whole),
    },
    wire,
    bytes,
  }
}

/** Turns as the wire carries them live: byte for byte what the store makes of their texts. */
export function placeTurns(turns: readonly PreparedTurn[], from: number, recorded_at: string): RunTurn[] {
  return turns.map((turn, at) => ({ index: from + at, recorded_at, ...turn.wire }))
}
