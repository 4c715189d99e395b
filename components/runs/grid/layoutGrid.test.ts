import { expect, test } from "vitest"
import { type GridGroup, headerKey, layoutGrid, stepStop } from "./layoutGrid"

const rows = (...ids: string[]) => ids.map((runId) => ({ runId, depth: 0, isUnfolded: false }))
const groups: GridGroup[] = [
  { section: "trouble", count: 1, isFolded: false, rows: rows("a") },
  { section: "working", count: 9, isFolded: true, rows: [] },
  { section: "ended", count: 2, isFolded: false, rows: rows("b", "c") },
]

test("headers and rows are numbered from top to bottom", () => {
  const { items, itemOf } = layoutGrid(groups)
  expect(items.map(({ group, at }) => `${group} ${at}`)).toEqual([
    "0 header",
    "0 0",
    "1 header",
    "2 header",
    "2 0",
    "2 1",
  ])
  expect([itemOf.get("a"), itemOf.get("b"), itemOf.get(headerKey("working"))]).toEqual([1, 4, 2])
})

test("the keyboard stops at runs and at folded sections", () => {
  expect(layoutGrid(groups).stops).toEqual(["a", headerKey("working"), "b", "c"])
})

test("steps stay within the list", () => {
  const { stops } = layoutGrid(groups)
  expect(stepStop(stops, "a", 1)).toBe(headerKey("working"))
  expect(stepStop(stops, "b", 10)).toBe("c")
  expect(stepStop(stops, "b", -10)).toBe("a")
  expect(stepStop(stops, undefined, 1)).toBe("a")
  expect(stepStop(stops, "gone", -1)).toBe("c")
  expect(stepStop([], "a", 1)).toBeUndefined()
})
