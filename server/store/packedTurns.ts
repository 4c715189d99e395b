import type { RunTotals } from "@/lib/protocol/run"
import type { AppendBatch } from "./RunStore"
import { sumTotals } from "./runMoves"

/**
 * A batch on its way to the writer's thread: its texts are UTF-8 among the bytes of all batches that go over together, which costs
 * a tenth of handing over strings.
 */
export type PackedBatch = Omit<AppendBatch, "turns"> & {
  /** Where its texts begin: each turn's body, and its preview where it has one, in order and without gaps. */
  at: number
  /** Bytes of each turn's body. */
  bodies: number[]
  /** Bytes of each turn's preview, 0 without one. */
  previews: number[]
  outlines: string[]
  /** Of all its turns together. */
  totals: RunTotals
}

const FIRST_BYTES = 256 * 1024
/** A larger buffer is let go of after use. */
const KEPT_BYTES = 4 * 1024 * 1024
const BYTES_PER_UNIT = 3

/** The bytes of the texts of batches that have yet to go over. */
export class TextBytes {
  #buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
  #used = 0

  /** Packs a batch; its texts are among the bytes that `take` gives next. */
  pack({ turns, ...batch }: AppendBatch): PackedBatch {
    const at = this.#used
    const [bodies, previews]: [number[], number[]] = [[], []]
    for (const { body, preview } of turns) {
      bodies.push(this.#add(body))
      previews.push(preview === undefined ? 0 : this.#add(preview))
    }
    const outlines = turns.map(({ outline }) => outline)
    return { ...batch, at, bodies, previews, outlines, totals: sumTotals(turns) }
  }

  /** What was packed since the last time; undefined for nothing. */
  take(): ArrayBuffer | undefined {
    if (this.#used === 0) return undefined
    const { buffer, byteOffset } = this.#buffer
    const taken = buffer.slice(byteOffset, byteOffset + this.#used)
    this.#used = 0
    if (this.#buffer.length > KEPT_BYTES) this.#buffer = Buffer.allocUnsafeSlow(FIRST_BYTES)
    return taken as ArrayBuffer
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

/** One batch alone, and its bytes. */
export function packAlone(batch: AppendBatch): [PackedBatch, Uint8Array] {
  const bytes = new TextBytes()
  const packed = bytes.pack(batch)
  return [packed, new Uint8Array(bytes.take() ?? [])]
}
