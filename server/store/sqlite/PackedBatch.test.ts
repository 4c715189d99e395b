import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { seededRandom } from "@/lib/testing/seededRandom"
import type { EncodedTurn } from "@/server/store/RunStore"
import { aBatch, aNewRun, anEncodedTurn } from "@/server/store/testing/storeSamples"
import { migrate } from "./migrate"
import { packAlone, TextBytes } from "./PackedBatch"
import { openForWriting, type SqliteDatabase } from "./SqliteDatabase"
import { SqliteWrites } from "./SqliteWrites"

const RUNS = ["one", "two", "three"]

function aDatabase(): { db: SqliteDatabase; writes: SqliteWrites } {
  const dir = mkdtempSync(join(tmpdir(), "turnline-packed-"))
  const db = openForWriting(join(dir, "turnline.db"))
  onTestFinished(() => {
    db.close()
    rmSync(dir, { recursive: true })
  })
  migrate(db)
  const writes = new SqliteWrites(db)
  db.transaction(() => RUNS.map((run_id) => writes.start(aNewRun({ run_id }))))
  return { db, writes }
}

const stored = (db: SqliteDatabase, run_id: string) =>
  db
    .query(
      `SELECT b.body, b.preview, t.outline, typeof(b.body) FROM runs r JOIN turns t ON t.id / 1048576 = r.run_no
      JOIN bodies b ON b.body_no = t.body_no WHERE r.run_id = ? ORDER BY t.id`,
    )
    .all(run_id)

test("texts of any size and script are stored as they were packed, with and without a preview", () => {
  const random = seededRandom(7)
  const { db, writes } = aDatabase()
  const text = () => {
    const bytes = random.pick([0, 1, 100, 21_000, 65_500, 65_536, 70_000])
    return random.pick(["a", "é", "字", "😀"]).repeat(bytes / 4)
  }
  const aTurn = (): EncodedTurn =>
    anEncodedTurn(
      text(),
      random.pick([true, false, false]) ? { preview: JSON.stringify({ cut: text() }) } : {},
    )
  const wanted = new Map<string, unknown[][]>(RUNS.map((run_id) => [run_id, []]))
  for (let round = 0; round < 20; round++) {
    const bytes = new TextBytes()
    const batches = Array.from({ length: 4 }, () => {
      const run_id = random.pick(RUNS)
      const turns = Array.from({ length: random.pick([1, 2, 5]) }, aTurn)
      for (const { body, preview, outline } of turns)
        wanted.get(run_id)?.push([body, preview ?? null, outline, "text"])
      return bytes.pack(aBatch(run_id, [], { turns }))
    })
    const texts = bytes.take() ?? { bytes: new Uint8Array(), from: 0 }
    db.transaction(() => {
      for (const batch of batches) expect(writes.append(batch, texts).ok).toBe(true)
      writes.flush()
    })
    writes.committed()
  }
  for (const run_id of RUNS) expect(stored(db, run_id)).toEqual(wanted.get(run_id))
})

test("turns of a round that is rolled back aren't written by the next one", () => {
  const { db, writes } = aDatabase()
  db.exec("BEGIN")
  writes.append(...packAlone(aBatch("one", ["lost"])))
  db.exec("ROLLBACK")
  writes.rolledBack()
  db.transaction(() => {
    writes.append(...packAlone(aBatch("one", ["kept"])))
    writes.flush()
  })
  expect(stored(db, "one").map(([body]) => body)).toEqual(['{"kind":"model","message":"kept"}'])
})

test("`take` returns each text once, and the buffer grows for a long text", () => {
  const bytes = new TextBytes()
  expect(bytes.take()).toBeUndefined()
  const long = anEncodedTurn("字".repeat(3_000_000))
  const first = bytes.pack(aBatch("one", [], { turns: [anEncodedTurn("a"), long] }))
  const end = bytes.end
  const second = bytes.pack(aBatch("one", ["b"]))
  const taken = bytes.take(end)
  expect(Buffer.from(taken?.bytes ?? []).toString("utf8", first.sizes[0])).toBe(long.body)
  const rest = bytes.take()
  expect([rest?.from, Buffer.from(rest?.bytes ?? []).toString()]).toEqual([
    second.at,
    anEncodedTurn("b").body,
  ])
  expect(bytes.take()).toBeUndefined()
})
