import type { RunTotals } from "@/lib/protocol/run"
import type { ResponseUsage } from "@/lib/trace/responseUsage"
import { addTotals } from "@/lib/trace/turnTotals"
import type { AppendBatch } from "@/server/store/RunStore"
import { type BatchError, NO_TOTALS, newestError } from "@/server/store/runTransitions"

/**
 * A batch encoded for the writer thread. The texts of all batches in a message share one buffer of UTF-8, because that is
 * faster (see ADR 7).
 */
export type PackedBatch = Omit<AppendBatch, "turns" | "fence"> & {
  /**
   * The offset of the batch's texts among all bytes ever sent. The texts are each turn's body and its preview, if any,
   * in order and without gaps.
   */
  at: number
  /** The sizes of each turn's body and preview (0 if it has none), alternating. */
  sizes: number[]
  outlines: string[]
  /** The totals of the batch's turns, without those in `responses`. */
  totals: RunTotals
  /** The usage that turns report for model responses, in the order of the turns. */
  responses?: { id: string; usage: ResponseUsage }[]
  error?: BatchError
}

/** Received bytes, and the offset of the first one among all bytes ever sent. */
export type SentTexts = { bytes: Uint8Array<ArrayBuffer>; from: number }

const FIRST_BYTES = 256 * 1024
/** A buffer that is larger than this is dropped after use. */
const KEPT_BYTES = 4 * 1024 * 1024
const BYTES_PER_UNIT = 3

/** The texts of batches that are waiting to be sent, as bytes. */
export class TextBytes {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #used = 0
  #from = 0

  /** The offset of the next batch's texts. */
  get end(): number {
    return this.#from + this.#used
  }

  /** Packs a batch. The next `take` returns its texts. */
  pack(batch: AppendBatch): PackedBatch {
    const at = this.end
    const sizes: number[] = []
    const outlines: string[] = []
    const responses: PackedBatch["responses"] = []
    let totals: RunTotals | undefined
    for (const { body, preview, outline, totals: share, response } of batch.turns) {
      sizes.push(this.#add(body), preview === undefined ? 0 : this.#add(preview))
      outlines.push(outline)
      totals = totals === undefined ? share : addTotals(totals, share)
      if (response !== undefined) responses.push(response)
    }
    // Copied field by field, because a spread is slow.
    const packed: PackedBatch = {
      run_id: batch.run_id,
      writer: batch.writer,
      owner: batch.owner,
      recorded_at: batch.recorded_at,
      maxTurns: batch.maxTurns,
      at,
      sizes,
      outlines,
      totals: totals ?? NO_TOTALS,
    }
    // Most batches have none of these, and even an undefined field takes time to pass to the thread.
    if (batch.idempotency_key !== undefined) packed.idempotency_key = batch.idempotency_key
    if (batch.expected_index !== undefined) packed.expected_index = batch.expected_index
    if (responses.length > 0) packed.responses = responses
    const error = newestError(batch.turns)
    if (error !== undefined) packed.error = error
    return packed
  }

  /** Removes and returns the bytes packed before `end`; undefined if there are none. */
  take(end = this.end): SentTexts | undefined {
    const from = this.#from
    const count = end - from
    if (count <= 0) return undefined
    const bytes = new Uint8Array(count)
    bytes.set(this.#buffer.subarray(0, count))
    this.#buffer.copyWithin(0, count, this.#used)
    this.#used -= count
    this.#from = end
    if (this.#used === 0 && this.#buffer.length > KEPT_BYTES) {
      this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
    }
    return { bytes, from }
  }

  clear(): void {
    this.#from = this.end
    this.#used = 0
  }

  #add(text: string): number {
    const most = this.#used + text.length * BYTES_PER_UNIT
    if (most > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(most, this.#buffer.length * 2))
      this.#buffer.copy(larger, 0, 0, this.#used)
      this.#buffer = larger
    }
    const bytes = this.#buffer.write(text, this.#used)
    this.#used += bytes
    return bytes
  }
}

/** Packs a single batch. */
export function packAlone(batch: AppendBatch): [PackedBatch, SentTexts] {
  const bytes = new TextBytes()
  const packed = bytes.pack(batch)
  return [packed, bytes.take() ?? { bytes: new Uint8Array(), from: 0 }]
}
