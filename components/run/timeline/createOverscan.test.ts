import { describe, expect, test } from "vitest"
import { createOverscan, type ScrollDirection } from "./createOverscan"

const COUNT = 10_000
/** Returns the first and last rendered row after scrolling to each of these rows in turn, with 28 visible rows. */
function rendered(starts: readonly number[], direction: ScrollDirection): (number | undefined)[] {
  const overscan = createOverscan()
  let rows: number[] = []
  for (const startIndex of starts)
    rows = overscan({ startIndex, endIndex: startIndex + 27, count: COUNT }, direction)
  return [rows[0], rows.at(-1)]
}

describe("createOverscan", () => {
  test("renders a few rows on both sides while nothing scrolls", () => {
    expect(rendered([100], null)).toEqual([94, 133])
  })

  test("renders more rows ahead the faster the scroll, in both directions", () => {
    expect(rendered([100, 101], "forward")).toEqual([95, 134])
    expect(rendered([100, 104], "forward")).toEqual([98, 143])
    expect(rendered([100, 120], "forward")).toEqual([114, 171])
    expect(rendered([120, 100], "backward")).toEqual([76, 133])
  })

  test("renders the same rows when it re-renders for another reason", () => {
    expect(rendered([100, 107, 107], "forward")).toEqual(rendered([100, 107], "forward"))
  })

  test("renders few additional rows when no row stays visible", () => {
    expect(rendered([100, 400], "forward")).toEqual([399, 428])
  })

  test("stops at the last row", () => {
    expect(createOverscan()({ startIndex: 0, endIndex: 4, count: 5 }, "forward")).toEqual([0, 1, 2, 3, 4])
    expect(createOverscan()({ startIndex: 0, endIndex: 0, count: 0 }, null)).toEqual([])
  })

  test("renders at most about 80 rows, and always all visible ones", () => {
    for (const visible of [10, 40, 60, 76, 77, 78, 90, 120]) {
      for (const direction of [null, "forward", "backward"] as const) {
        const overscan = createOverscan()
        for (const startIndex of [500, 505, 900]) {
          const rows = overscan({ startIndex, endIndex: startIndex + visible - 1, count: COUNT }, direction)
          expect(rows.length).toBeLessThanOrEqual(Math.max(78, visible + 2))
          expect(rows[0]).toBeLessThan(startIndex)
          expect(rows.at(-1)).toBeGreaterThanOrEqual(startIndex + visible)
        }
      }
    }
  })
})
