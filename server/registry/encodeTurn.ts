import { stringifyExact, unmarkNumbers } from "@/lib/protocol/exactNumbers"
import { LIMITS } from "@/lib/protocol/limits"
import type { RunTurn, TurnBody, TurnInput } from "@/lib/protocol/turn"
import { cutForWire } from "@/lib/trace/cutForWire"
import { normalizeTurn } from "@/lib/trace/normalizeTurn"
import { type Outline, outlineTurn } from "@/lib/trace/outlineTurn"
import { turnShare } from "@/lib/trace/responseUsage"
import { callDigest } from "@/lib/trace/turnDigest"
import type { PriceList } from "@/server/prices/PriceList"
import type { Redactor } from "@/server/redact/Redactor"
import type { EncodedTurn } from "@/server/store/RunStore"
import type { TurnSigns } from "./trouble/RunSigns"

const BYTES_PER_CHAR = 3

/** An encoded turn and its signs of trouble. */
export type RecordedTurn = EncodedTurn & { signs: TurnSigns }

/** Optional steps of encoding. `nowMs`: the server's time, for prices. */
type Preparation = { redactor?: Redactor | undefined; prices?: PriceList | undefined; nowMs?: number }

/** Normalizes a turn and encodes it once. With a redactor, secrets are redacted before anything is truncated. */
export function encodeTurn(
  turn: TurnInput & Record<string, unknown>,
  { redactor, prices, nowMs = 0 }: Preparation = {},
): RecordedTurn {
  const sent = normalizeTurn(turn)
  const estimated = prices?.estimate(sent, nowMs)
  if (estimated !== undefined) sent.estimated_cost_usd = estimated
  const text = JSON.stringify(sent)
  const whole = redactor?.suspects(text) ? redactor.suspect(sent) : sent
  return encodeBody(whole, unmarkNumbers(whole === sent ? text : JSON.stringify(whole)))
}

/** Encodes a turn that is already normalized and redacted. `body`: its JSON, if available. */
export function encodeBody(whole: TurnBody, body: string = stringifyExact(whole)): RecordedTurn {
  // Counting bytes reads the complete text, so it is only done if the upper bound exceeds the limit.
  const most = body.length * BYTES_PER_CHAR
  const wire = cutForWire(whole, most <= LIMITS.wireStringBytes ? most : Buffer.byteLength(body))
  const outline = outlineTurn(whole)
  const encoded: RecordedTurn = {
    body,
    outline: JSON.stringify(outline),
    ...turnShare(whole),
    // The digest is computed from the preview, so that a preview read from the store gives the same digest.
    signs: { isError: outline.error === true, call: callDigest(wire) },
  }
  if (outline.error === true) encoded.error = outline.error_text ?? ""
  if (wire !== whole) encoded.preview = stringifyExact({ ...wire, outline: outlineOfContents(outline) })
  return encoded
}

/** Returns the outline fields that viewers can't compute from a truncated turn, and that are therefore sent with it. */
function outlineOfContents({ title, error, error_text }: Outline): NonNullable<RunTurn["outline"]> {
  return { title, ...(error && { error }), ...(error_text !== undefined && { error_text }) }
}
