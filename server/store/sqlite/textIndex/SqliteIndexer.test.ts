import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { seededRandom } from "@/lib/testing/seededRandom"
import { migrate } from "@/server/store/sqlite/migrate"
import { packAlone } from "@/server/store/sqlite/PackedBatch"
import { openForReading, openForWriting, type SqliteDatabase } from "@/server/store/sqlite/SqliteDatabase"
import { SqliteReads } from "@/server/store/sqlite/SqliteReads"
import { SqliteWrites } from "@/server/store/sqlite/SqliteWrites"
import { sweepDeletedRuns } from "@/server/store/sqlite/sweepDeletedRuns"
import { aBatch, aNewRun, aQuery } from "@/server/store/testing/storeSamples"
import { indexFileOf } from "./indexFile"
import { SqliteIndexer } from "./SqliteIndexer"

let dir = ""
let db: SqliteDatabase
let reading: SqliteDatabase
let reads: SqliteReads
let writes: SqliteWrites
const sweepable = new Set<number>()
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-index-"))
  db = openForWriting(join(dir, "turnline.db"))
  migrate(db)
  sweepable.clear()
  writes = new SqliteWrites(db, sweepable)
  reading = openForReading(db.file)
  reads = new SqliteReads(reading)
})
afterEach(() => {
  reading.close()
  db.close()
  rmSync(dir, { recursive: true })
})

const write = <T>(work: () => T): T =>
  db.transaction(() => {
    const result = work()
    writes.flush()
    writes.committed()
    return result
  })
const start = () => write(() => writes.start(aNewRun()).row.run_id)
const say = (run_id: string, ...messages: string[]) =>
  write(() => writes.append(...packAlone(aBatch(run_id, messages))))
const remove = (run_id: string) =>
  write(() => {
    writes.abandon({ run_id, owner: "connection-1", ended_at: "2026-01-03T00:00:00.000Z" })
    return writes.delete({ run_id, readers: ["*"] })
  })
function finish(indexer: SqliteIndexer): void {
  while (indexer.idle());
}
function forget(indexer: SqliteIndexer): void {
  for (let more = true; more; ) {
    const step = indexer.forgetDeleted()
    more = step.more
    write(() => writes.sweep(step.forgotten))
    while (write(() => sweepDeletedRuns(db, sweepable)));
  }
}
const found = (q: string) =>
  reads
    .list(aQuery({ filter: { q }, inTurns: true, limit: 200 }))
    .rows.map((row) => row.run_id)
    .sort()
const filesWith = (text: string) =>
  readdirSync(dir).filter((name) => readFileSync(join(dir, name)).includes(text))

test("turns stored while the indexer wasn't running are found after the next start", () => {
  const [a, b] = [start(), start()]
  say(a, "one")
  let indexer = new SqliteIndexer(db.file)
  finish(indexer)
  indexer.close()
  say(a, "two")
  say(b, "three")
  indexer = new SqliteIndexer(db.file)
  finish(indexer)
  expect([found("one"), found("two"), found("three")]).toEqual([[a], [a], [b]])
  indexer.close()
})

test("the number of unindexed turns is known from the start on, and after new turns", () => {
  const [a, b] = [start(), start()]
  say(a, "one", "two")
  say(b, "three")
  const indexer = new SqliteIndexer(db.file)
  expect(indexer.lag()).toBe(3)
  finish(indexer)
  expect(indexer.lag()).toBe(0)
  say(b, "four")
  indexer.note([b])
  expect(indexer.lag()).toBe(1)
  finish(indexer)
  expect(indexer.lag()).toBe(0)
  indexer.close()
})

test("turns that are indexed one by one are found like turns that are indexed together", () => {
  const run_id = start()
  const indexer = new SqliteIndexer(db.file)
  for (let at = 0; at < 150; at++) {
    say(run_id, `common word${at}`)
    indexer.note([run_id])
    finish(indexer)
  }
  for (const at of [0, 63, 64, 149]) expect(found(`word${at}`)).toContain(run_id)
  expect(found("common")).toEqual([run_id])
  indexer.close()
})

test("S20: a deleted run's turns are kept until its words are removed from the index; then neither is in any file", () => {
  const canary = "canaryzq"
  const [a, b] = [start(), start()]
  const indexer = new SqliteIndexer(db.file)
  for (let from = 0; from < 200; from += 20) {
    say(a, ...Array.from({ length: 20 }, (_, at) => `${canary}${from + at} ${canary} shared text`))
    say(b, `other${from} shared text`)
    indexer.note([a, b])
    finish(indexer)
  }
  expect(filesWith(canary).sort()).toContain("turnline.search.db-wal")
  expect(found(`${canary}7`)).toEqual([a])
  remove(a)
  expect(found(canary)).toEqual([])
  expect(write(() => sweepDeletedRuns(db, sweepable))).toBe(false)
  forget(indexer)
  db.query("PRAGMA wal_checkpoint(TRUNCATE)").all()
  expect(filesWith(canary)).toEqual([])
  expect(filesWith(canary.slice(0, 6))).toEqual([])
  expect([found("shared"), found("other180")]).toEqual([[b], [b]])
  indexer.close()
})

test("an index that is damaged, older or from another database is created again", () => {
  const run_id = start()
  say(run_id, "needle")
  const file = indexFileOf(db.file)
  const spoil: (() => void)[] = [
    () => writeFileSync(file, "no database"),
    () => db.exec("UPDATE lineage SET lineage = 'restored'"),
    () => {
      const index = openForWriting(file)
      index.exec("PRAGMA user_version = 0")
      index.close()
    },
    () => rmSync(file),
  ]
  for (const damage of spoil) {
    let indexer = new SqliteIndexer(db.file)
    finish(indexer)
    indexer.close()
    damage()
    indexer = new SqliteIndexer(db.file)
    finish(indexer)
    expect(found("needle")).toEqual([run_id])
    indexer.close()
  }
  expect(statSync(file).mode & 0o777).toBe(0o600)
})

test("an index with more turns than its database is deleted", () => {
  const run_id = start()
  say(run_id, "one", "two")
  let indexer = new SqliteIndexer(db.file)
  finish(indexer)
  indexer.close()
  db.exec("DELETE FROM bodies; DELETE FROM turns; UPDATE runs SET cursor = 0")
  writes.rolledBack()
  say(run_id, "three")
  indexer = new SqliteIndexer(db.file)
  finish(indexer)
  expect(existsSync(indexFileOf(db.file))).toBe(false)
  finish(indexer)
  expect([found("one"), found("three")]).toEqual([[], [run_id]])
  indexer.close()
})

test("a throttled indexer indexes a slice and waits; without throttling it catches up", () => {
  const indexer = new SqliteIndexer(db.file)
  finish(indexer)
  const run_id = start()
  say(run_id, "early", ...Array.from({ length: 600 }, (_, at) => `w${at}`), "late")
  indexer.pace(1)
  expect(indexer.note([run_id])).toBe(1)
  finish(indexer)
  expect([found("early"), found("late")]).toEqual([[run_id], []])
  indexer.pace(Number.POSITIVE_INFINITY)
  finish(indexer)
  expect([found("late"), indexer.note([])]).toEqual([[run_id], 0])
  indexer.close()
})

test("with many runs that grow and are deleted (seeded), a search finds exactly the existing turns", () => {
  const random = seededRandom(11)
  const word = () => `w${random.below(random.chance(0.3) ? 20 : 3_000).toString(36)}`
  const said = new Map<string, Set<string>>()
  let indexer = new SqliteIndexer(db.file)
  for (let round = 0; round < 60; round++) {
    for (let at = 0; at < 4; at++) {
      const fresh = said.size < 5 || random.chance(0.25)
      const run_id = fresh ? start() : random.pick([...said.keys()])
      const words = said.get(run_id) ?? new Set()
      const messages = Array.from({ length: 1 + random.below(30) }, () => `${word()} ${word()}`)
      say(run_id, ...messages)
      for (const message of messages) for (const one of message.split(" ")) words.add(one)
      said.set(run_id, words)
      if (random.chance(0.5)) indexer.note([run_id])
    }
    if (random.chance(0.7)) finish(indexer)
    if (random.chance(0.2)) {
      const gone = random.pick([...said.keys()])
      remove(gone)
      said.delete(gone)
      forget(indexer)
    }
    if (random.chance(0.9)) continue
    indexer.close()
    indexer = new SqliteIndexer(db.file)
  }
  indexer.note([...said.keys()])
  finish(indexer)
  const expected = (q: string) =>
    [...said].filter(([, words]) => [...words].some((one) => one.includes(q))).map(([run_id]) => run_id)
  for (const q of ["w1", "w1a", "w1a2", "w", "wz", ...Array.from({ length: 60 }, word)])
    expect([q, found(q)]).toEqual([q, expected(q).sort()])
  indexer.close()
})
