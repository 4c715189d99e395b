import { expect, test } from "vitest"
import { RecentErrors } from "./RecentErrors"

const WINDOW_MS = 300_000

test("counts the errors of the window, and forgets them afterwards", () => {
  const errors = new RecentErrors(WINDOW_MS)
  for (let n = 0; n < 155; n++) errors.add(true, n * 1_000)
  expect(errors.count(155_000)).toBe(155)
  expect(errors.nextChangeMs).toBeGreaterThan(WINDOW_MS)
  expect(errors.nextChangeMs).toBeLessThanOrEqual(WINDOW_MS * 1.02)
  expect(errors.count(WINDOW_MS + 160_000)).toBe(0)
  expect(errors.nextChangeMs).toBe(Number.POSITIVE_INFINITY)
})

test("four failed turns among the last twenty are too many, at any age", () => {
  const errors = new RecentErrors(WINDOW_MS)
  for (let n = 0; n < 20; n++) errors.add(n % 5 === 0, n * WINDOW_MS)
  expect(errors.areMany).toBe(true)
  errors.add(false, 21 * WINDOW_MS)
  expect(errors.areMany).toBe(false)
})

test("holds a bounded number of parts for any number of errors", () => {
  const errors = new RecentErrors(WINDOW_MS)
  for (let n = 0; n < 100_000; n++) errors.add(true, n * 100)
  expect(errors.count(10_000_000)).toBeGreaterThanOrEqual(3_000)
  expect(errors.count(10_000_000)).toBeLessThan(3_100)
})
