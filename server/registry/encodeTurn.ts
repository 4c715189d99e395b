import { stringifyExact, unmarkNumbers } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunTurn, TurnBody, TurnInput } from "@/lib/protocol/turn"
import { cutForWire } from "@/lib/trace/cutForWire"
import { normaliseTurn } from "@/lib/trace/normaliseTurn"
import { type Outline, outlineTurn } from "@/lib/trace/outlineTurn"
import { turnShare } from "@/lib/trace/responseUsage"
import { callDigest } from "@/lib/trace/turnDigest"
import type { PriceList } from "@/server/prices/PriceList"
import type { Redactor } from "@/server/redact/Redactor"
import type { EncodedTurn } from "@/server/store/RunStore"
import type { TurnSigns } from "./trouble/RunSigns"

const BYTES_PER_CHAR = 3

/** An encoded turn, and what it says about the state of its run. */
export type RecordedTurn = EncodedTurn & { signs: TurnSigns }

/** What is done to a turn besides normalising it. `nowMs`: the server's time, for prices. */
type Preparation = { redactor?: Redactor | undefined; prices?: PriceList | undefined; nowMs?: number }

/** Normalises a turn as sent and encodes it once. With a redactor, its secrets are removed before anything is truncated. */
export function encodeTurn(
  turn: TurnInput & Record<string, unknown>,
  { redactor, prices, nowMs = 0 }: Preparation = {},
): RecordedTurn {
  const sent = normaliseTurn(turn)
  const estimated = prices?.estimate(sent, nowMs)
  if (estimated !== undefined) sent.estimated_cost_usd = estimated
  const text = JSON.stringify(sent)
  const whole = redactor?.suspects(text) ? redactor.suspect(sent) : sent
  return encodeBody(whole, unmarkNumbers(whole === sent ? text : JSON.stringify(whole)))
}

/** Encodes a turn that is normalised and holds no secrets. `body`: its JSON, if that is known. */
export function encodeBody(whole: TurnBody, body: string = stringifyExact(whole)): RecordedTurn {
  // Counting bytes reads the whole text, so that is only done where it matters.
  const most = body.length * BYTES_PER_CHAR
  const wire = cutForWire(whole, most <= LIMITS.wireStringBytes ? most : Buffer.byteLength(body))
  const outline = outlineTurn(whole)
  const encoded: RecordedTurn = {
    body,
    outline: JSON.stringify(outline),
    ...turnShare(whole),
    // Of the turn as cut, so that it is the same when it is read from the store.
    signs: { isError: outline.error === true, call: callDigest(wire) },
  }
  if (outline.error === true) encoded.error = outline.error_text ?? ""
  if (wire !== whole) encoded.preview = stringifyExact({ ...wire, outline: outlineOfContents(outline) })
  return encoded
}

/** What can't be read from a turn that was cut: viewers get it with the turn. */
function outlineOfContents({ title, error, error_text }: Outline): NonNullable<RunTurn["outline"]> {
  return { title, ...(error && { error }), ...(error_text !== undefined && { error_text }) }
}
