import { numberAt } from "./bind"
import type { PackedBatch, SentTexts } from "./PackedBatch"
import type { SqliteDatabase } from "./SqliteDatabase"

const LAST_BODY = "SELECT coalesce(max(body_no), 0) FROM bodies"
const INSERT_TURN = "INSERT INTO turns (id, body_no, recorded_at, outline) VALUES (?, ?, ?, ?)"
const INSERT_BODY = "INSERT INTO bodies (body_no, preview, body) VALUES (?, CAST(? AS TEXT), CAST(? AS TEXT))"
/** A range of bytes is encoded as one number: the length in the low bits, and the start in the bits above. */
const LENGTH_BITS = 16
const LENGTHS = 2 ** LENGTH_BITS
// One statement for all turns of a round, because each call into SQLite, and each bound string, costs as much as an
// insert.
const INSERT_BODIES = `INSERT INTO bodies (body_no, preview, body)
  SELECT ?1 + key, NULL, CAST(substr(?2, (value >> ${LENGTH_BITS}) + 1, value & ${LENGTHS - 1}) AS TEXT) FROM json_each(?3)`

/** Bodies in the same buffer that get consecutive numbers. `places`: their ranges in the buffer. */
type Cuts = { texts: Uint8Array; firstBodyNo: number; places: number[] }

/** Writes the turns of a round. Bodies get their numbers immediately; most bodies are inserted together by `flush`. */
export class SqliteTurnWrites {
  #lastBodyNo: number
  #cuts: Cuts[] = []

  constructor(readonly db: SqliteDatabase) {
    this.#lastBodyNo = numberAt(db.query(LAST_BODY).first() ?? [], 0)
  }

  /** Adds a batch's turns with consecutive ids. Throws for strings with NUL. */
  add(firstId: number, recordedMs: number, batch: PackedBatch, { bytes: texts, from }: SentTexts): void {
    const { sizes, outlines } = batch
    const insertTurn = this.db.query(INSERT_TURN)
    const start = batch.at - from
    let at = start
    for (const [turn, outline] of outlines.entries()) {
      const [bytes = 0, preview = 0] = [sizes[turn * 2], sizes[turn * 2 + 1]]
      this.#addBody(texts, at, bytes, preview)
      insertTurn.run(firstId + turn, this.#lastBodyNo, recordedMs, outline)
      at += bytes + preview
    }
    if (hasNul(texts, start, at)) throw new TypeError("A text with NUL can't be stored")
  }

  /** Writes the bodies that aren't written yet. */
  flush(): void {
    for (const { texts, firstBodyNo, places } of this.#cuts) {
      this.db.query(INSERT_BODIES).run(firstBodyNo, texts, JSON.stringify(places))
    }
    this.#cuts = []
  }

  /** Called after a rollback. Drops unwritten bodies. Their numbers aren't used again. */
  clear(): void {
    this.#cuts = []
  }

  #addBody(texts: Uint8Array, at: number, bytes: number, preview: number): void {
    const bodyNo = ++this.#lastBodyNo
    if (preview > 0 || bytes >= LENGTHS) {
      const end = at + bytes
      const cut = preview === 0 ? null : texts.subarray(end, end + preview)
      this.db.query(INSERT_BODY).run(bodyNo, cut, texts.subarray(at, end))
      return
    }
    let cuts = this.#cuts.at(-1)
    if (cuts?.texts !== texts || cuts.firstBodyNo + cuts.places.length !== bodyNo) {
      cuts = { texts, firstBodyNo: bodyNo, places: [] }
      this.#cuts.push(cuts)
    }
    cuts.places.push(at * LENGTHS + bytes)
  }
}

function hasNul(texts: Uint8Array<ArrayBuffer>, from: number, to: number): boolean {
  // `Buffer.includes` is many times faster than `Uint8Array.includes`.
  return Buffer.from(texts.buffer, texts.byteOffset + from, to - from).includes(0)
}
