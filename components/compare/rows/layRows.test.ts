import { describe, expect, it } from "vitest"
import type { ComparedTurn } from "@/lib/timeline/compare/compareTurns"
import { anchoredTop, layRows, rowAtTop } from "./layRows"

const HEIGHTS = { one: 10, both: 20, fold: 5 }
const line = (
  a: number | undefined,
  b: number | undefined,
  ...differences: ComparedTurn["differences"]
): ComparedTurn => ({
  ...(a !== undefined && { a }),
  ...(b !== undefined && { b }),
  differences,
})

describe("layRows", () => {
  const before = layRows([line(0, 0), line(1, undefined, "only_a"), line(2, 1)], undefined, HEIGHTS)

  it("stacks rows of different heights", () => {
    expect(before.tops).toEqual([0, 20, 30, 50])
    expect([0, 19, 20, 29, 30, 49, 999].map((px) => rowAtTop(before, px))).toEqual([0, 0, 1, 1, 2, 2, 2])
    expect(layRows([], undefined, HEIGHTS).tops).toEqual([0])
  })

  it("keeps the anchor's position on screen when lines are added above it", () => {
    const after = layRows(
      [line(undefined, 0, "only_b"), line(0, 1), line(1, undefined, "only_a"), line(2, 2)],
      undefined,
      HEIGHTS,
    )
    expect(anchoredTop(before, after, 2, 33)).toBe(43)
    expect(anchoredTop(before, before, 2, 33)).toBe(33)
  })

  it("keeps the scroll offset when the anchor has disappeared", () => {
    expect(anchoredTop(before, layRows([], undefined, HEIGHTS), 2, 33)).toBe(33)
  })

  it("keeps the anchor's position when rows are folded", () => {
    const lines = [...Array.from({ length: 9 }, (_, at) => line(at, at)), line(9, undefined, "only_a")]
    const open = layRows(lines, undefined, HEIGHTS)
    const folded = layRows(lines, { grade: "steps", opened: new Set() }, HEIGHTS)
    expect(folded.rows).toHaveLength(4)
    expect(anchoredTop(open, folded, 9, 180)).toBe(45)
  })
})
