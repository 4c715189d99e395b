import { expect, test } from "vitest"
import { pauseAfter } from "./IndexSchedule"

test("while many turns are stored, indexing pauses for four times as long as it worked, up to a maximum", () => {
  expect(pauseAfter(20, 499, 100)).toBe(0)
  expect(pauseAfter(20, 1_000, 2_000)).toBe(0)
  expect(pauseAfter(20, 1_001, 2_000)).toBe(80)
  expect(pauseAfter(20, 10_000, 100)).toBe(80)
  expect(pauseAfter(2_000, 10_000, 100)).toBe(500)
})
