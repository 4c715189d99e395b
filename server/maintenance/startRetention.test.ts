import { pino } from "pino"
import { expect, test } from "vitest"
import { fakeClock } from "@/lib/testing/fakeClock"
import { startRetention } from "./startRetention"

const logger = pino({ level: "silent" })
const DAY_MS = 86_400_000

test("ended runs past retention are deleted in small batches until none is left, and then every hour", async () => {
  const clock = fakeClock()
  let old = 120
  const asked: { time: string; limit: number }[] = []
  const stop = startRetention({
    registry: {
      deleteEndedBefore: async (time, limit) => {
        asked.push({ time, limit })
        const gone = Math.min(limit, old)
        old -= gone
        return gone
      },
    },
    clock,
    days: 30,
    logger,
  })
  await clock.advanceAsync(120_000)
  expect(old).toBe(0)
  expect(asked.length).toBe(3)
  expect(Date.parse(asked[0]?.time ?? "")).toBe(Date.UTC(2026, 0, 1) + 60_000 - 30 * DAY_MS)
  old = 1
  await clock.advanceAsync(3_600_000)
  expect(old).toBe(0)
  stop()
  expect(clock.timers).toBe(0)
})

test("deletion is retried after an error of the store", async () => {
  const clock = fakeClock()
  let asked = 0
  const stop = startRetention({
    registry: {
      deleteEndedBefore: async () => {
        asked += 1
        throw new Error("disk full")
      },
    },
    clock,
    days: 1,
    logger,
  })
  await clock.advanceAsync(3 * 3_600_000)
  expect(asked).toBe(3)
  stop()
})

test("with 0 days, all runs are kept", async () => {
  const clock = fakeClock()
  startRetention({
    registry: { deleteEndedBefore: () => Promise.reject(new Error()) },
    clock,
    days: 0,
    logger,
  })
  expect(clock.timers).toBe(0)
})
