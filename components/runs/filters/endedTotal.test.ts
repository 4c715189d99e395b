import { expect, test } from "vitest"
import type { ShownCounts } from "@/components/runs/useShownCounts"
import { endedTotal } from "./endedTotal"

const counts: ShownCounts = {
  counts: { in_progress: 3, completed: 40, incomplete: 5, waiting: 1, trouble: 1, failed: 12 },
  ended: 46,
  all: 49,
}

test("the total of ended runs is the one that is shown, or the sum of the counts by state", () => {
  expect(endedTotal({}, counts)).toBe(46)
  expect(endedTotal({ status: ["completed"] }, counts)).toBe(40)
  expect(endedTotal({ status: ["in_progress", "incomplete"] }, counts)).toBe(5)
  expect(endedTotal({ failed: true, today: true }, counts)).toBe(12)
})

test("the total is unknown if the counts aren't sufficient", () => {
  expect(endedTotal({}, undefined)).toBeUndefined()
  expect(endedTotal({ failed: true }, counts)).toBeUndefined()
  expect(endedTotal({ outcome: ["success"] }, counts)).toBeUndefined()
  expect(endedTotal({ q: "x" }, counts)).toBeUndefined()
  expect(endedTotal({ agent: "a" }, counts)).toBeUndefined()
})
