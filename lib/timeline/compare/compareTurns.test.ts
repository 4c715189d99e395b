import { describe, expect, it } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import {
  type ComparedRun,
  type ComparedTurn,
  compareTurns,
  countDifferences,
  differs,
  nextDifference,
} from "./compareTurns"
import { allRows, foldEqual, rowOfLine } from "./foldEqual"

const turn = (more: Partial<TurnOutline> = {}): TurnOutline => ({
  ...{ index: 0, kind: "tool", tool: "bash", title: "bash ls", recorded_at: "2026-01-01T00:00:00.000Z" },
  ...more,
})
const run = (outline: TurnOutline, digest?: TurnDigest): ComparedRun => ({
  outline: () => outline,
  digest: () => digest,
})
const compare = (a: TurnOutline, b: TurnOutline, digests: (TurnDigest | undefined)[] = []) =>
  compareTurns([{ a: 0, b: 0 }], run(a, digests[0]), run(b, digests[1]))[0]?.differences

describe("compareTurns", () => {
  it("finds no difference between equal steps, or where a digest is missing", () => {
    expect(compare(turn(), turn({ index: 7, duration_ms: 9 }))).toEqual([])
    expect(compare(turn(), turn(), [{ call: 1, rest: 2 }, undefined])).toEqual([])
  })

  it("reports turns that only one run has", () => {
    const lines = compareTurns([{ a: 0 }, { b: 0 }], run(turn()), run(turn()))
    expect(lines.map((line) => line.differences)).toEqual([["only_a"], ["only_b"]])
  })

  it("reports different parameters, by title or by digest", () => {
    expect(compare(turn(), turn({ title: "bash pwd" }))).toEqual(["parameters"])
    expect(
      compare(turn(), turn(), [
        { call: 1, rest: 2 },
        { call: 9, rest: 2 },
      ]),
    ).toEqual(["parameters"])
  })

  it("reports an error on one side, even if the parameters differ", () => {
    expect(compare(turn(), turn({ error: true }))).toEqual(["error"])
    expect(compare(turn({ error: true }), turn({ error: true }))).toEqual([])
    expect(compare(turn(), turn({ title: "bash pwd", error: true }))).toEqual(["parameters", "error"])
  })

  it("reports different output of a call, and different text otherwise", () => {
    const digests = [
      { call: 1, rest: 2 },
      { call: 1, rest: 3 },
    ]
    expect(compare(turn(), turn(), digests)).toEqual(["output"])
    const said: Partial<TurnOutline> = { kind: "model", title: "Done" }
    const { tool: _, ...model } = turn(said)
    expect(compare(model, model, digests)).toEqual(["text"])
    expect(compare(model, { ...model, title: "Finished" })).toEqual(["text"])
  })
})

const line = (...differences: ComparedTurn["differences"]): ComparedTurn => ({ a: 0, b: 0, differences })
const lines = [line(), line("text"), line("only_a"), line(), line("parameters", "error")]

describe("nextDifference", () => {
  it("skips differences that don't count at the grade, and wraps around", () => {
    expect(lines.map((it) => differs(it, "steps"))).toEqual([false, false, true, false, true])
    expect(nextDifference(lines, undefined, 1, "steps")).toBe(2)
    expect(nextDifference(lines, undefined, 1, "contents")).toBe(1)
    expect(nextDifference(lines, 4, 1, "steps")).toBe(2)
    expect(nextDifference(lines, 2, -1, "steps")).toBe(4)
    expect(nextDifference(lines, undefined, -1, "steps")).toBe(4)
    expect(nextDifference([line()], 0, 1, "contents")).toBeUndefined()
    expect(nextDifference([], undefined, 1, "contents")).toBeUndefined()
  })

  it("counts a line once per kind of difference", () => {
    expect(countDifferences(lines)).toEqual({
      ...{ only_a: 1, only_b: 0, parameters: 1, error: 1, text: 1, output: 0 },
    })
  })
})

describe("foldEqual", () => {
  const equal = (count: number) => Array.from({ length: count }, () => line())
  const shape = (of: ComparedTurn[], opened: number[] = []) =>
    foldEqual(of, "steps", new Set(opened)).map((row) =>
      row.row === "line" ? row.place : `${row.place}+${row.count}`,
    )

  it("keeps two lines around each difference and doesn't fold a few lines", () => {
    expect(shape([...equal(8), line("only_a"), ...equal(10), line("only_b"), ...equal(3)])).toEqual([
      ...["0+6", 6, 7, 8, 9, 10, "11+6", 17, 18, 19, 20, 21, 22],
    ])
    expect(shape([line("only_a"), ...equal(7), line("only_b")])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  it("folds equal lines at the end, and shows expanded folds", () => {
    const long = [line("only_a"), ...equal(50)]
    expect(shape(long)).toEqual([0, 1, 2, "3+48"])
    expect(shape(long, [3])).toHaveLength(51)
    expect(shape([...equal(9)])).toEqual(["0+9"])
  })

  it("shows every line once, in a row or in a fold, and finds its row", () => {
    for (let seed = 1; seed < 60; seed++) {
      const made = Array.from({ length: 40 }, (_, at) =>
        (seed * (at + 3) * 7919) % 11 === 0 ? line("only_a") : line(),
      )
      const rows = foldEqual(made, "steps", new Set())
      const places = rows.flatMap((row) =>
        row.row === "line" ? [row.place] : Array.from({ length: row.count }, (_, at) => row.place + at),
      )
      expect(places).toEqual(made.map((_, at) => at))
      for (const place of places) {
        const row = rows[rowOfLine(rows, place)]
        expect(
          row?.row === "fold" ? place >= row.place && place < row.place + row.count : row?.place === place,
        ).toBe(true)
      }
    }
    expect(rowOfLine(allRows(lines), 3)).toBe(3)
    expect(rowOfLine([], 3)).toBe(-1)
  })
})
