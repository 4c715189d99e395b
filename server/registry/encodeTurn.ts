import { stringifyExact, unmarkNumbers } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnBody, TurnInput } from "@/lib/protocol/turn"
import { cutForWire } from "@/lib/trace/cutForWire"
import { normaliseTurn } from "@/lib/trace/normaliseTurn"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { turnTotals } from "@/lib/trace/turnTotals"
import type { Redactor } from "@/server/redact/Redactor"
import type { EncodedTurn } from "@/server/store/RunStore"
import type { PlacedTurn } from "./RegistryEvents"

/** A turn that is ready for the store and for the wire. */
export type PreparedTurn = { encoded: EncodedTurn; wire: TurnBody }

const BYTES_PER_CHAR = 3

/** Normalises a turn as sent and encodes it once. With a redactor, its secrets are removed before anything is truncated. */
export function prepareTurn(turn: TurnInput & Record<string, unknown>, redactor?: Redactor): PreparedTurn {
  const sent = normaliseTurn(turn)
  const text = JSON.stringify(sent)
  const whole = redactor?.suspects(text) ? redactor.suspect(sent) : sent
  const body = unmarkNumbers(whole === sent ? text : JSON.stringify(whole))
  // Counting bytes reads the whole text, so that is only done where it matters.
  const most = body.length * BYTES_PER_CHAR
  const wire = cutForWire(whole, most <= LIMITS.wireStringBytes ? most : Buffer.byteLength(body))
  const encoded: EncodedTurn = {
    body,
    outline: JSON.stringify(outlineTurn(whole)),
    totals: turnTotals(whole),
  }
  if (wire !== whole) encoded.preview = stringifyExact(wire)
  return { encoded, wire }
}

/** About how many characters `index` and `recorded_at` add to a turn. */
const PLACE_CHARS = 60

/** What is held of a turn until it is stored, for the subscribers of its run. */
export type WireTurn = { wire: TurnBody; chars: number }

/** A prepared turn without what only the store needs. */
export function keepForWire({ wire, encoded }: PreparedTurn): WireTurn {
  return { wire, chars: (encoded.preview ?? encoded.body).length + PLACE_CHARS }
}

/** Turns as they are sent live: byte for byte what the store returns. */
export function placeTurns(turns: readonly WireTurn[], from: number, recorded_at: string): PlacedTurn[] {
  return turns.map(({ wire, chars }, at) => ({ turn: { index: from + at, recorded_at, ...wire }, chars }))
}
