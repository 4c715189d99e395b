import { describe, expect, test } from "vitest"
import { createRowsToDraw, type ScrollDirection } from "./createRowsToDraw"

const COUNT = 10_000
/** The first and the last row drawn after the rows seen have begun at each of these, 28 of them. */
function drawn(starts: readonly number[], direction: ScrollDirection): (number | undefined)[] {
  const rowsToDraw = createRowsToDraw()
  let rows: number[] = []
  for (const startIndex of starts)
    rows = rowsToDraw({ startIndex, endIndex: startIndex + 27, count: COUNT }, direction)
  return [rows[0], rows.at(-1)]
}

describe("rows to draw", () => {
  test("at rest are those seen and a few on both sides", () => {
    expect(drawn([100], null)).toEqual([94, 133])
  })

  test("reach the further ahead of a scroll the faster it goes, whichever way", () => {
    expect(drawn([100, 101], "forward")).toEqual([95, 134])
    expect(drawn([100, 104], "forward")).toEqual([98, 143])
    expect(drawn([100, 120], "forward")).toEqual([114, 171])
    expect(drawn([120, 100], "backward")).toEqual([76, 133])
  })

  test("stay as many when they are drawn again for another reason", () => {
    expect(drawn([100, 107, 107], "forward")).toEqual(drawn([100, 107], "forward"))
  })

  test("are hardly more than those seen where no row stays", () => {
    expect(drawn([100, 400], "forward")).toEqual([399, 428])
  })

  test("end where the rows end", () => {
    expect(createRowsToDraw()({ startIndex: 0, endIndex: 4, count: 5 }, "forward")).toEqual([0, 1, 2, 3, 4])
    expect(createRowsToDraw()({ startIndex: 0, endIndex: 0, count: 0 }, null)).toEqual([])
  })

  test("are hardly more than 80 on a tall screen, and always cover what is seen", () => {
    for (const seen of [10, 40, 60, 76, 77, 78, 90, 120]) {
      for (const direction of [null, "forward", "backward"] as const) {
        const rowsToDraw = createRowsToDraw()
        for (const startIndex of [500, 505, 900]) {
          const rows = rowsToDraw({ startIndex, endIndex: startIndex + seen - 1, count: COUNT }, direction)
          expect(rows.length).toBeLessThanOrEqual(Math.max(78, seen + 2))
          expect(rows[0]).toBeLessThan(startIndex)
          expect(rows.at(-1)).toBeGreaterThanOrEqual(startIndex + seen)
        }
      }
    }
  })
})
