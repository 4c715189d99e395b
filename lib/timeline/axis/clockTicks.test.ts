import { expect, test } from "vitest"
import { clockTicks } from "./clockTicks"

const HOUR = 3_600_000

test("ticks are round local times, even with a half-hour offset", () => {
  const { stepMs, times } = clockTicks(0, 24 * HOUR, 1_000, 5.5 * HOUR)
  expect(stepMs).toBe(3 * HOUR)
  expect(times.length).toBeGreaterThan(5)
  expect(times.every((time) => (time + 5.5 * HOUR) % stepMs === 0)).toBe(true)
})

test.each([
  [5 * 60_000, 400],
  [HOUR, 1_200],
  [168 * HOUR, 300],
  [168 * HOUR, 2_400],
])("ticks over %d ms on %d px are at least 84 px apart", (range, width) => {
  const { stepMs, times } = clockTicks(1_000, 1_000 + range, width, 0)
  expect((stepMs / range) * width).toBeGreaterThanOrEqual(84)
  expect(times.every((time) => time >= 1_000 && time <= 1_000 + range)).toBe(true)
})

test("an empty range has no ticks", () => {
  expect(clockTicks(0, HOUR, 0, 0).times).toEqual([])
  expect(clockTicks(5, 5, 100, 0).times).toEqual([])
})
