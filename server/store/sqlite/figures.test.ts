import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { eventually } from "@/lib/testing/eventually"
import { aBatch, aNewRun } from "@/server/store/testing/storeSamples"
import { openSqliteRunStore, type SqliteRunStore } from "./SqliteRunStore"

let dir = ""
let store: SqliteRunStore
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "turnline-figures-"))
  store = await openSqliteRunStore({ file: join(dir, "turnline.db") })
})
afterEach(async () => {
  await store.close()
  rmSync(dir, { recursive: true })
})

test("writes, including refused ones, count as waiting until their commit, and the duration of each commit is reported", async () => {
  const commits: number[] = []
  store.timeCommits((seconds) => commits.push(seconds))
  const { row } = await store.start(aNewRun())
  const text = "x".repeat(10_000)
  const batch = aBatch(row.run_id, [text, text])
  const replies = [store.append(batch), store.append(batch), store.append(aBatch("none", [text]))]
  expect(store.figures().writes).toBe(3)
  expect(store.figures().writeBytes).toBeGreaterThan(50_000)
  expect(store.figures().writeBytes).toBeLessThan(51_000)
  await Promise.all(replies)
  expect(store.figures()).toMatchObject({ writes: 0, writeBytes: 0 })
  expect(commits.length).toBeGreaterThanOrEqual(2)
  for (const seconds of commits) expect(seconds).toBeGreaterThan(0)
})

test("turns are unsearchable until they are indexed", async () => {
  const { row } = await store.start(aNewRun())
  for (let at = 0; at < 30; at++) await store.append(aBatch(row.run_id, ["a", "b"]))
  expect(store.figures().unsearchable).toBeGreaterThan(0)
  await eventually(() => expect(store.figures().unsearchable).toBe(0))
}, 60_000)
