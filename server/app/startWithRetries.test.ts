import { pino } from "pino"
import { expect, test } from "vitest"
import { DatabaseNotReadyError, DatabaseUnusableError } from "@/server/store/errors"
import { StoreUnavailableError } from "@/server/store/RunStore"
import { startWithRetries } from "./startWithRetries"

const LONG_MS = 60_000
const slow = () => new DatabaseNotReadyError("db:5432 doesn't respond.")

function trying(errors: Error[], more: { limitMs?: number; controller?: AbortController } = {}) {
  const { limitMs = LONG_MS, controller = new AbortController() } = more
  const done: string[] = []
  const started = startWithRetries({
    start: async () => {
      done.push("start")
      const error = errors.shift()
      if (error !== undefined) throw error
      return "started"
    },
    undo: async () => {
      done.push("undo")
    },
    logger: pino({ level: "silent" }),
    limitMs,
    retryMs: 1,
    signal: controller.signal,
  })
  return { started, done }
}

test("starts again if the database is slow, or the lease is late", async () => {
  const { started, done } = trying([slow(), new StoreUnavailableError("This node has no lease")])
  expect(await started).toBe("started")
  expect(done).toEqual(["start", "undo", "start", "undo", "start"])
})

test("gives up after the limit, and says so", async () => {
  const { started, done } = trying([slow()], { limitMs: 0 })
  await expect(started).rejects.toThrow("db:5432 doesn't respond. Gave up after 0 s.")
  expect(done).toEqual(["start", "undo"])
})

test("doesn't start again if that wouldn't help", async () => {
  const { started, done } = trying([new DatabaseUnusableError("PostgreSQL refuses the password.")])
  await expect(started).rejects.toThrow("PostgreSQL refuses the password.")
  expect(done).toEqual(["start"])
})

test("doesn't start again once it is closed", async () => {
  const controller = new AbortController()
  controller.abort()
  const { started, done } = trying([slow()], { controller })
  await expect(started).rejects.toThrow("doesn't respond")
  expect(done).toEqual(["start"])
})
