import { mkdtempSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import { openSqliteRunStore } from "@/server/store/sqlite/SqliteRunStore"
import { Readiness } from "./Readiness"

const PROBLEM = "The store can't commit."

test("I5: not ready while the store can't commit, ready again once it can, checked at most once a second", async () => {
  const clock = fakeClock()
  let [healthy, asked] = [true, 0]
  const readiness = new Readiness({
    clock,
    pagesReady: true,
    healthy: async () => {
      asked += 1
      return healthy
    },
  })
  expect(await readiness.problem()).toBeUndefined()
  healthy = false
  expect(await readiness.problem()).toBeUndefined()
  clock.advance(1_000)
  expect([await readiness.problem(), await readiness.problem()]).toEqual([PROBLEM, PROBLEM])
  healthy = true
  clock.advance(1_000)
  expect(await readiness.problem()).toBeUndefined()
  expect(asked).toBe(3)
  expect(clock.timers).toBe(0)
})

test("I5: a store that doesn't respond or throws isn't ready", async () => {
  const clock = fakeClock()
  const hanging = new Readiness({ clock, pagesReady: true, healthy: () => new Promise(() => undefined) })
  const missing = hanging.problem()
  await clock.advanceAsync(2_000)
  expect(await missing).toBe(PROBLEM)
  const throwing = new Readiness({ clock, pagesReady: true, healthy: () => Promise.reject(new Error("x")) })
  expect(await throwing.problem()).toBe(PROBLEM)
})

test("I5: reflects a real database that fails and recovers", async () => {
  const dir = mkdtempSync(join(tmpdir(), "turnline-ready-"))
  const file = join(dir, "turnline.db")
  const store = await openSqliteRunStore({ file })
  try {
    const clock = fakeClock()
    const readiness = new Readiness({ clock, pagesReady: true, healthy: () => store.healthy() })
    const next = () => {
      clock.advance(1_000)
      return readiness.problem()
    }
    expect(await next()).toBeUndefined()
    renameSync(file, `${file}.away`)
    expect(await next()).toBe(PROBLEM)
    renameSync(`${file}.away`, file)
    expect(await next()).toBeUndefined()
  } finally {
    await store.close()
    rmSync(dir, { recursive: true })
  }
})
