import { expect, test } from "vitest"
import { shownCounts } from "./useShownCounts"

const counts = { in_progress: 10, completed: 40, incomplete: 5, waiting: 1, trouble: 1, failed: 12 }
const live = (in_progress: number) => ({ in_progress, waiting: 0, trouble: 2 })
const totals = (listed: number | undefined) => {
  const shown = shownCounts(counts, listed === undefined ? undefined : live(listed))
  return [shown.counts.in_progress, shown.ended, shown.all]
}

test("live and ended runs add up to all, even if the server hasn't counted a start or an end yet", () => {
  expect(totals(10)).toEqual([10, 45, 55])
  expect(totals(11)).toEqual([11, 45, 56])
  expect(totals(8)).toEqual([8, 47, 55])
})

test("counts of listed runs replace the server's, which remain if not all are listed", () => {
  expect(shownCounts(counts, live(10)).counts).toEqual({ ...counts, waiting: 0, trouble: 2 })
  expect(shownCounts(counts, undefined).counts).toEqual(counts)
  expect(totals(undefined)).toEqual([10, 45, 55])
})
