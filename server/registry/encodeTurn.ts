import { stringifyExact, unmarkNumbers } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import type { TurnBody, TurnInput } from "@/lib/protocol/turn"
import { cutForWire } from "@/lib/trace/cutForWire"
import { normaliseTurn } from "@/lib/trace/normaliseTurn"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { turnShare } from "@/lib/trace/responseUsage"
import type { PriceList } from "@/server/prices/PriceList"
import type { Redactor } from "@/server/redact/Redactor"
import type { EncodedTurn } from "@/server/store/RunStore"

const BYTES_PER_CHAR = 3

/** What is done to a turn besides normalising it. `nowMs`: the server's time, for prices. */
type Preparation = { redactor?: Redactor | undefined; prices?: PriceList | undefined; nowMs?: number }

/** Normalises a turn as sent and encodes it once. With a redactor, its secrets are removed before anything is truncated. */
export function encodeTurn(
  turn: TurnInput & Record<string, unknown>,
  { redactor, prices, nowMs = 0 }: Preparation = {},
): EncodedTurn {
  const sent = normaliseTurn(turn)
  const estimated = prices?.estimate(sent, nowMs)
  if (estimated !== undefined) sent.estimated_cost_usd = estimated
  const text = JSON.stringify(sent)
  const whole = redactor?.suspects(text) ? redactor.suspect(sent) : sent
  return encodeBody(whole, unmarkNumbers(whole === sent ? text : JSON.stringify(whole)))
}

/** Encodes a turn that is normalised and holds no secrets. `body`: its JSON, if that is known. */
export function encodeBody(whole: TurnBody, body: string = stringifyExact(whole)): EncodedTurn {
  // Counting bytes reads the whole text, so that is only done where it matters.
  const most = body.length * BYTES_PER_CHAR
  const wire = cutForWire(whole, most <= LIMITS.wireStringBytes ? most : Buffer.byteLength(body))
  const encoded: EncodedTurn = {
    body,
    outline: JSON.stringify(outlineTurn(whole)),
    ...turnShare(whole),
  }
  if (wire !== whole) encoded.preview = stringifyExact(wire)
  return encoded
}
