import fc from "fast-check"
import { describe, expect, test } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { type TurnList, type TurnListOptions, turnList } from "./turnList"

const turn = (index: number, title: string, more: Partial<TurnOutline> = {}): TurnOutline => ({
  ...{ index, kind: "tool", tool: "bash", title, recorded_at: "2026-01-01T00:00:00.000Z" },
  ...more,
})
const listOf = (titles: string, options?: TurnListOptions) => {
  const outlines = [...titles].map((title, index) => turn(index, title))
  return turnList(withOutlines(NO_OUTLINES, outlines), outlines.length, options)
}
/** Describes each row: `3` is a turn, `3+4` is 4 turns starting with 3, `3+8/2` is 8 turns in cycles of 2. */
const rows = (list: TurnList) =>
  Array.from({ length: list.count }, (_, row) => {
    const repeat = list.repeatAt(row)
    const cycle = repeat === undefined || repeat.cycle === 1 ? "" : `/${repeat.cycle}`
    const { length } = list.turnsAt(row)
    return length === 1 ? `${list.indexAt(row)}` : `${list.indexAt(row)}+${length}${cycle}`
  })

describe("turnList", () => {
  test("shows different turns one by one", () => {
    expect(rows(listOf("abc"))).toEqual(["0", "1", "2"])
    expect(rows(listOf(""))).toEqual([])
  })

  test("folds equal turns in a row", () => {
    expect(rows(listOf("abbbca"))).toEqual(["0", "1+3", "4", "5"])
    expect(rows(listOf("aa"))).toEqual(["0+2"])
  })

  test("folds a cycle of up to six turns that occurs four times", () => {
    expect(rows(listOf("xabababab"))).toEqual(["0", "1+8/2"])
    expect(rows(listOf("ababab"))).toEqual(["0", "1", "2", "3", "4", "5"])
    expect(rows(listOf(`${"abcdef".repeat(4)}x`))).toEqual(["0+24/6", "24"])
    expect(rows(listOf("abcdefg".repeat(5)))).toHaveLength(35)
    expect(rows(listOf("ababababa"))).toEqual(["0+8/2", "8"])
  })

  test("doesn't fold a cycle that ends after the given turn, which would move visible rows", () => {
    expect(rows(listOf("ababababab", { cyclesBefore: 8 }))).toEqual(["0+8/2", "8", "9"])
    expect(rows(listOf("abababab", { cyclesBefore: 7 }))).toHaveLength(8)
    expect(rows(listOf("aaaa", { cyclesBefore: 1 }))).toEqual(["0+4"])
  })

  test("shows repeated turns one by one when they are expanded", () => {
    const list = listOf("abbbc", { expanded: new Set([1]) })
    expect(rows(list)).toEqual(["0", "1", "2", "3", "4"])
    expect(list.repeatAt(1)).toEqual({ turns: 3, cycle: 1, isExpanded: true })
    expect(list.repeatAt(2)).toBeUndefined()
  })

  test("doesn't fold turns that differ in error, exit code or child run", () => {
    const outlines = [
      turn(0, "a"),
      turn(1, "a", { error: true }),
      turn(2, "a", { error: true, error_text: "x" }),
      turn(3, "a", { exit_code: 1 }),
      turn(4, "a", { child_run_id: "c" }),
      turn(5, "a", { child_run_id: "c" }),
    ]
    expect(turnList(withOutlines(NO_OUTLINES, outlines), 6).count).toBe(6)
  })

  test("folds equal turns that the filter leaves next to each other", () => {
    const list = listOf("axbxa", { matches: ({ title }) => title === "x" })
    expect(rows(list)).toEqual(["1+2"])
    expect(list.turnsAt(0)).toEqual([1, 3])
    expect(list.rowOf(3)).toBe(0)
    expect(list.rowOf(2)).toBeUndefined()
  })

  test("sorts by cost or duration, without turns that have none", () => {
    const outlines = [
      turn(0, "a", { cost_usd: 1 }),
      turn(1, "b"),
      turn(2, "c", { estimated_cost_usd: 3, duration_ms: 1 }),
      turn(3, "d", { cost_usd: 1 }),
    ]
    const all = withOutlines(NO_OUTLINES, outlines)
    expect(rows(turnList(all, 4, { sort: "cost" }))).toEqual(["2", "0", "3"])
    expect(rows(turnList(all, 4, { sort: "duration" }))).toEqual(["2"])
    expect(turnList(all, 4, { sort: "cost" }).rowOf(3)).toBe(2)
    expect(turnList(all, 4, { sort: "cost" }).rowOf(1)).toBeUndefined()
  })

  test("contains every matching turn exactly once, and finds its row", () => {
    const titles = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 120 })
    fc.assert(
      fc.property(titles, fc.boolean(), fc.nat(120), (all, isFiltered, cyclesBefore) => {
        const matches = isFiltered ? ({ title }: TurnOutline) => title !== "c" : undefined
        const list = listOf(all, { matches, cyclesBefore })
        const expected = [...all].flatMap((title, index) => (isFiltered && title === "c" ? [] : [index]))
        const shown = Array.from({ length: list.count }, (_, row) => list.turnsAt(row))
        expect(shown.flat()).toEqual(expected)
        expect([...list.indices]).toEqual(expected)
        shown.forEach((turns, row) => {
          for (const index of turns) expect(list.rowOf(index)).toBe(row)
        })
      }),
    )
  })
})
