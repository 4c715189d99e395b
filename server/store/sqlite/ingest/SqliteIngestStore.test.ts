import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { openSqliteRunStore, type SqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"
import { SqliteIngestStore } from "./SqliteIngestStore"

let dir: string
let runs: SqliteRunStore

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "turnline-ingest-"))
  runs = await openSqliteRunStore({ file: join(dir, "turnline.db") })
})

afterEach(async () => {
  await runs.close()
  await rm(dir, { recursive: true, force: true })
})

const kept = (records: string) => ({ received_at: 1_000, sender: "{}", dialect: "otlp", records })
const request = (...records: string[]) => ({ ...kept(""), records })

test("requests are listed in order of arrival after the database is reopened", async () => {
  const store = new SqliteIngestStore(runs)
  const [first = 0] = await store.addRequests(request("[1]"))
  const [second = 0] = await store.addRequests(request('["\\u0000"]'))
  expect(second).toBeGreaterThan(first)
  await runs.close()
  runs = await openSqliteRunStore({ file: join(dir, "turnline.db") })
  const reopened = new SqliteIngestStore(runs)
  expect(await reopened.listRequests({ after: 0, limit: 10, maxBytes: 1_000_000 })).toEqual([
    { id: first, ...kept("[1]") },
    { id: second, ...kept('["\\u0000"]') },
  ])
})

test("a page is limited in bytes but has at least one request", async () => {
  const store = new SqliteIngestStore(runs)
  const ids: number[] = []
  for (let i = 0; i < 3; i++) ids.push(...(await store.addRequests(request("x".repeat(1_000)))))
  const page = await store.listRequests({ after: 0, limit: 10, maxBytes: 10 })
  expect(page.map(({ id }) => id)).toEqual(ids.slice(0, 1))
  const rest = await store.listRequests({ after: ids[0] ?? 0, limit: 10, maxBytes: 1_000_000 })
  expect(rest.map(({ id }) => id)).toEqual(ids.slice(1))
})

test("deleted requests aren't listed, and their ids are never used again", async () => {
  const store = new SqliteIngestStore(runs)
  const [id = 0] = await store.addRequests(request("[]"))
  await store.deleteRequests([id])
  expect(await store.listRequests({ after: 0, limit: 10, maxBytes: 1_000 })).toEqual([])
  const [next = 0, after] = await store.addRequests(request("[]", "[1]"))
  expect(next).toBeGreaterThan(id)
  expect(after).toBe(next + 1)
})
