import { copyFileSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { DatabaseNewerError, DataDirInUseError } from "@/server/store/errors"
import { type RunStore, StoreUnavailableError } from "@/server/store/RunStore"
import { aBatch, aNewRun, anEncodedTurn } from "@/server/store/testing/storeSamples"
import { openForReading, openForWriting, SqliteDatabase } from "./SqliteDatabase"
import { openSqliteRunStore, type SqliteRunStore } from "./SqliteRunStore"
import { MIGRATIONS } from "./schema"

let dir = ""
let file = ""
let store: SqliteRunStore | undefined
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-failures-"))
  file = join(dir, "turnline.db")
})
afterEach(async () => {
  await store?.close()
  store = undefined
  rmSync(dir, { recursive: true })
})

const ended_at = "2026-01-02T04:00:00.000Z"
const startOne = async (runs: RunStore) => (await runs.start(aNewRun())).row.run_id
const big = (run_id: string, bytes = 600_000) => aBatch(run_id, ["x".repeat(bytes)])

test("I4: a run, its keys and its turns are stored after closing and opening", async () => {
  store = await openSqliteRunStore({ file })
  const run_id = await startOne(store)
  const batch = aBatch(run_id, ["one"], { idempotency_key: "batch-key" })
  await store.append(batch)
  const before = await store.get(run_id)
  await store.close()
  store = await openSqliteRunStore({ file })
  expect(await store.get(run_id)).toEqual(before)
  expect(await store.append(batch)).toMatchObject({ duplicate: true, base_index: 0 })
  expect(await store.append(aBatch(run_id, ["two"]))).toMatchObject({ ok: true, base_index: 1 })
})

test("I5 T4: with a full disk, commits fail and reads succeed; commits succeed when there is space again", async () => {
  store = await openSqliteRunStore({ file, maxPages: 200 })
  const old = await startOne(store)
  await store.append(big(old))
  await store.abandon({ run_id: old, owner: "connection-1", ended_at })
  const run_id = await startOne(store)
  await store.append(big(run_id))
  await expect(store.append(big(run_id, 2_000_000))).rejects.toThrow(StoreUnavailableError)
  const refused = await Promise.allSettled([store.append(big(run_id)), store.append(big(run_id))])
  expect(refused.map(({ status }) => status)).toEqual(["rejected", "rejected"])
  expect(await store.get(run_id)).toMatchObject({ cursor: 1 })
  expect(await store.healthy()).toBe(true)
  await store.delete({ run_id: old, readers: ["*"] })
  await eventually(async () =>
    expect(await store?.append(big(run_id))).toMatchObject({ ok: true, base_index: 1 }),
  )
})

test("a call that fails because of a bug doesn't affect the others in its round", async () => {
  store = await openSqliteRunStore({ file })
  const run_id = await startOne(store)
  const replies = await Promise.allSettled([
    store.append(aBatch(run_id, ["one"])),
    store.append(aBatch(run_id, [], { turns: [anEncodedTurn("bad", { body: "a\0b" })] })),
    store.append(aBatch(run_id, ["two"])),
  ])
  expect(replies.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"])
  expect(await store.get(run_id)).toMatchObject({ cursor: 2 })
  expect((await store.turns({ run_id, from: 0, limit: 10, maxBytes: 1e6 })).turns).toHaveLength(2)
})

test("I5 T5: nothing is acknowledged while the database file is deleted", async () => {
  store = await openSqliteRunStore({ file })
  const run_id = await startOne(store)
  expect(await store.healthy()).toBe(true)
  renameSync(file, `${file}.away`)
  expect(await store.healthy()).toBe(false)
  await expect(store.append(aBatch(run_id, ["lost"]))).rejects.toThrow(StoreUnavailableError)
  expect(await store.get(run_id)).toMatchObject({ cursor: 0 })
  renameSync(`${file}.away`, file)
  expect(await store.append(aBatch(run_id, ["kept"]))).toMatchObject({ ok: true, base_index: 0 })
  expect(await store.healthy()).toBe(true)
})

test.each([
  ["the database was replaced by a copy of it", ""],
  ["its log was deleted", "-wal"],
])("I5 T5: nothing is acknowledged after %s, until the file is back", async (_what, suffix) => {
  store = await openSqliteRunStore({ file })
  const run_id = await startOne(store)
  const victim = `${file}${suffix}`
  renameSync(victim, `${victim}.away`)
  if (suffix === "") copyFileSync(`${victim}.away`, victim)
  await expect(store.append(aBatch(run_id, ["lost"]))).rejects.toThrow(StoreUnavailableError)
  expect(await store.healthy()).toBe(false)
  renameSync(`${victim}.away`, victim)
  await eventually(async () =>
    expect(await store?.append(aBatch(run_id, ["kept"]))).toMatchObject({ ok: true, base_index: 0 }),
  )
  expect((await store.turns({ run_id, from: 0, limit: 5, maxBytes: 1e6 })).turns).toHaveLength(1)
})

test("a process that holds the write lock delays commits, but none are lost", async () => {
  store = await openSqliteRunStore({ file })
  const run_id = await startOne(store)
  const other = openForWriting(file)
  other.exec("BEGIN IMMEDIATE")
  const append = store.append(aBatch(run_id, ["one"]))
  expect(await store.get(run_id)).toMatchObject({ cursor: 0 })
  other.exec("COMMIT")
  other.close()
  expect(await append).toMatchObject({ ok: true, base_index: 0 })
})

test("if a thread dies, its calls reject, and the next call starts a new thread", async () => {
  store = await openSqliteRunStore({ file })
  const run_id = await startOne(store)
  await store.append(aBatch(run_id, ["one"]))
  await Promise.all([store.writer.terminate(), store.reader.terminate()])
  expect(await store.get(run_id)).toMatchObject({ cursor: 1 })
  expect(await store.append(aBatch(run_id, ["two"]))).toMatchObject({ ok: true, base_index: 1 })
})

test("a closed store rejects instead of hanging", async () => {
  const closed = await openSqliteRunStore({ file })
  const last = closed.append(aBatch(await startOne(closed), ["one"]))
  await closed.close()
  expect(await last).toMatchObject({ ok: true })
  await expect(closed.get("x")).rejects.toThrow(StoreUnavailableError)
  expect(await closed.healthy()).toBe(false)
  await closed.close()
})

test("a second store in a directory is refused, and so is a newer database", async () => {
  store = await openSqliteRunStore({ file })
  await expect(openSqliteRunStore({ file })).rejects.toThrow(DataDirInUseError)
  expect(await store.healthy()).toBe(true)
  await store.close()
  const db = new SqliteDatabase(file)
  db.exec("PRAGMA user_version = 99")
  await expect(openSqliteRunStore({ file })).rejects.toThrow(DatabaseNewerError)
  await expect(openSqliteRunStore({ file })).rejects.toThrow(DatabaseNewerError)
  db.exec(`PRAGMA user_version = ${MIGRATIONS.length}`)
  db.close()
  store = await openSqliteRunStore({ file })
})

test("S20: a deleted run's texts aren't in any file", async () => {
  store = await openSqliteRunStore({ file })
  const canary = "canary-7f3a"
  const { row } = await store.start(aNewRun({ intent: canary, labels: { canary }, idempotency_key: canary }))
  const { run_id } = row
  const messages = Array.from({ length: 600 }, (_, at) => `${canary} ${at} ${"y".repeat(at * 5)}`)
  await store.append(aBatch(run_id, messages, { idempotency_key: canary }))
  await store.abandon({ run_id, owner: "connection-1", ended_at })
  const found = () => readdirSync(dir).filter((name) => readFileSync(join(dir, name)).includes(canary))
  expect(found()).not.toEqual([])
  await store.delete({ run_id, readers: ["*"] })
  await eventually(() => expect(found()).toEqual([]))
})

test("T6: a long reader doesn't block the writer, and the log shrinks when it ends", async () => {
  const runs = await openSqliteRunStore({ file })
  store = runs
  const run_id = await startOne(runs)
  await runs.append(big(run_id))
  const reader = openForReading(file)
  reader.exec("BEGIN")
  reader.query("SELECT count(*) FROM turns").first()
  for (let round = 0; round < 12; round++) {
    await Promise.all(Array.from({ length: 6 }, () => runs.append(big(run_id, 1_000_000))))
  }
  expect(statSync(`${file}-wal`).size).toBeGreaterThan(64 * 1024 * 1024)
  expect(reader.query("SELECT count(*) FROM turns").first()).toEqual([1])
  reader.exec("COMMIT")
  reader.close()
  for (let round = 0; round < 8; round++) await runs.append(big(run_id))
  await eventually(() => expect(statSync(`${file}-wal`).size).toBeLessThanOrEqual(64 * 1024 * 1024))
})

test("T6: the size of the log is bounded during continuous reads", async () => {
  const runs = await openSqliteRunStore({ file })
  store = runs
  const run_id = await startOne(runs)
  await runs.append(big(run_id))
  let reading = true
  const readers = [1, 2, 3].map(async () => {
    while (reading) await runs.turns({ run_id, from: 0, limit: 5, maxBytes: 1e6 })
  })
  let walBytes = 0
  for (let round = 0; round < 30; round++) {
    await Promise.all(Array.from({ length: 6 }, () => runs.append(big(run_id))))
    walBytes = Math.max(walBytes, statSync(`${file}-wal`).size)
  }
  reading = false
  await Promise.all(readers)
  expect(walBytes).toBeGreaterThan(0)
  expect(walBytes).toBeLessThan(64 * 1024 * 1024)
})
