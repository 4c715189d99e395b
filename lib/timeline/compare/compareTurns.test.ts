import { describe, expect, it } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import type { TurnDigest } from "@/lib/trace/turnDigest"
import {
  type ComparedRun,
  type ComparedTurn,
  compareTurns,
  countDifferences,
  differs,
  stepDifference,
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

describe("what differs in a line", () => {
  it("is nothing for the same step that went the same way, as far as is known", () => {
    expect(compare(turn(), turn({ index: 7, duration_ms: 9 }))).toEqual([])
    expect(compare(turn(), turn(), [{ asked: 1, gave: 2 }, undefined])).toEqual([])
  })

  it("is which run has it at all", () => {
    const lines = compareTurns([{ a: 0 }, { b: 0 }], run(turn()), run(turn()))
    expect(lines.map((line) => line.differences)).toEqual([["only_a"], ["only_b"]])
  })

  it("is the parameters of a call, by its title or by what has been read of it", () => {
    expect(compare(turn(), turn({ title: "bash pwd" }))).toEqual(["parameters"])
    expect(
      compare(turn(), turn(), [
        { asked: 1, gave: 2 },
        { asked: 9, gave: 2 },
      ]),
    ).toEqual(["parameters"])
  })

  it("is an error on one side alone, also where the parameters differ", () => {
    expect(compare(turn(), turn({ error: true }))).toEqual(["error"])
    expect(compare(turn({ error: true }), turn({ error: true }))).toEqual([])
    expect(compare(turn(), turn({ title: "bash pwd", error: true }))).toEqual(["parameters", "error"])
  })

  it("is the output of a call, and the words of what is no call", () => {
    const digests = [
      { asked: 1, gave: 2 },
      { asked: 1, gave: 3 },
    ]
    expect(compare(turn(), turn(), digests)).toEqual(["output"])
    const said: Partial<TurnOutline> = { kind: "model", title: "Done" }
    const { tool: _, ...model } = turn(said)
    expect(compare(model, model, digests)).toEqual(["words"])
    expect(compare(model, { ...model, title: "Finished" })).toEqual(["words"])
  })
})

const line = (...differences: ComparedTurn["differences"]): ComparedTurn => ({ a: 0, b: 0, differences })
const lines = [line(), line("words"), line("only_a"), line(), line("parameters", "error")]

describe("going from difference to difference", () => {
  it("passes over what does not count at the grade, and goes round", () => {
    expect(lines.map((it) => differs(it, "steps"))).toEqual([false, false, true, false, true])
    expect(stepDifference(lines, undefined, 1, "steps")).toBe(2)
    expect(stepDifference(lines, undefined, 1, "contents")).toBe(1)
    expect(stepDifference(lines, 4, 1, "steps")).toBe(2)
    expect(stepDifference(lines, 2, -1, "steps")).toBe(4)
    expect(stepDifference(lines, undefined, -1, "steps")).toBe(4)
    expect(stepDifference([line()], 0, 1, "contents")).toBeUndefined()
    expect(stepDifference([], undefined, 1, "contents")).toBeUndefined()
  })

  it("counts a line in everything that it differs in", () => {
    expect(countDifferences(lines)).toEqual({
      ...{ only_a: 1, only_b: 0, parameters: 1, error: 1, words: 1, output: 0 },
    })
  })
})

describe("folding what is equal", () => {
  const equal = (count: number) => Array.from({ length: count }, () => line())
  const shape = (of: ComparedTurn[], opened: number[] = []) =>
    foldEqual(of, "steps", new Set(opened)).map((row) =>
      row.row === "line" ? row.place : `${row.place}+${row.count}`,
    )

  it("leaves two lines around each difference, and short stretches whole", () => {
    expect(shape([...equal(8), line("only_a"), ...equal(10), line("only_b"), ...equal(3)])).toEqual([
      ...["0+6", 6, 7, 8, 9, 10, "11+6", 17, 18, 19, 20, 21, 22],
    ])
    expect(shape([line("only_a"), ...equal(7), line("only_b")])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8])
  })

  it("folds what is equal to the end, and shows a fold that was opened", () => {
    const long = [line("only_a"), ...equal(50)]
    expect(shape(long)).toEqual([0, 1, 2, "3+48"])
    expect(shape(long, [3])).toHaveLength(51)
    expect(shape([...equal(9)])).toEqual(["0+9"])
  })

  it("shows every line once, in a row or in a fold, and finds it again", () => {
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
