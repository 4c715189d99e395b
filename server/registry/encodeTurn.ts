import { stringifyExact, unmarkNumbers } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnInput } from "@/lib/protocol/turn"
import { cutForWire } from "@/lib/trace/cutForWire"
import { normaliseTurn } from "@/lib/trace/normaliseTurn"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { turnTotals } from "@/lib/trace/turnTotals"
import type { Redactor } from "@/server/redact/Redactor"
import type { EncodedTurn } from "@/server/store/RunStore"

const BYTES_PER_CHAR = 3

/** Normalises a turn as sent and encodes it once. With a redactor, its secrets are removed before anything is truncated. */
export function encodeTurn(turn: TurnInput & Record<string, unknown>, redactor?: Redactor): EncodedTurn {
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
  return encoded
}
