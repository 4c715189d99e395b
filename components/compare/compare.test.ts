import { describe, expect, it } from "vitest"
import type { RunTurn } from "@/lib/protocol/turn"
import { aRun, aStoredTurn } from "@/lib/testing/builders"
import type { ComparedTurn } from "@/lib/timeline/compare/compareTurns"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { turnDigest } from "@/lib/trace/turnDigest"
import { withOutlines } from "@/lib/trace/view/OutlineList"
import { emptyView, type RunView } from "@/lib/trace/view/RunView"
import { suggestRuns } from "./choose/suggestRuns"
import { compareHref, readCompareAddress, swapSides } from "./compareAddress"
import { createComparer, placeOfPair } from "./createComparer"
import { differentFields } from "./pair/differentFields"
import { anchoredTop, layRows, rowAtTop } from "./rows/layRows"

describe("a comparison's address", () => {
  it("leads back to the same runs and line, whatever their ids hold", () => {
    for (const address of [
      {},
      { a: "a b&=?#é" },
      { a: "1", b: "2", pair: { a: 3 } },
      { b: "2", pair: { b: 0 } },
    ]) {
      const { searchParams } = new URL(compareHref(address), "http://t")
      expect(readCompareAddress(searchParams)).toEqual(address)
    }
  })

  it("leaves out what is no run and no line", () => {
    const read = (query: string) => readCompareAddress(new URLSearchParams(query))
    expect(read(`a=&b=${"x".repeat(129)}&pair=1e3.2`)).toEqual({})
    expect(read("pair=.")).toEqual({})
    expect(read("pair=-1.2")).toEqual({})
  })

  it("exchanges sides with all that belongs to them, and back", () => {
    const address = { a: "x", pair: { a: 1, b: 2 } }
    expect(swapSides(address)).toEqual({ b: "x", pair: { a: 2, b: 1 } })
    expect(swapSides(swapSides(address))).toEqual(address)
  })
})

function view(turns: Partial<RunTurn>[], more: Partial<RunView> = {}): RunView {
  const stored = turns.map((turn, at) => aStoredTurn(at, turn))
  const outlines = stored.map((turn) => ({
    ...outlineTurn(turn),
    index: turn.index,
    recorded_at: turn.recorded_at,
  }))
  const empty = emptyView("r")
  const list = withOutlines(empty.outlines, outlines)
  return { ...empty, run: aRun(), outlines: list, cursor: turns.length, runCursor: turns.length, ...more }
}
const bash = (command: string, output = ""): Partial<RunTurn> => ({
  kind: "tool",
  tool: "bash",
  parameters: { command },
  output,
})
const shape = (lines: readonly ComparedTurn[]) =>
  lines.map(({ a, b, differences }) => `${a ?? ""}.${b ?? ""} ${differences.join()}`.trim())

describe("comparing two runs as they grow", () => {
  it("says nothing while older turns of either are still being fetched", () => {
    const compare = createComparer()
    const side = { view: view([bash("ls")]), digests: [] }
    expect(compare(side, { view: view([bash("ls")], { base: 1 }), digests: [] })).toEqual({
      lines: [],
      whole: false,
    })
    expect(compare({ view: emptyView("r"), digests: [] }, side).lines).toEqual([])
  })

  it("adds what has come, and refines what was the same by what has been read", () => {
    const compare = createComparer()
    const a = [bash("ls", "1"), bash("pwd")]
    const b = [bash("ls", "2")]
    expect(shape(compare({ view: view(a), digests: [] }, { view: view(b), digests: [] }).lines)).toEqual([
      "0.0",
      "1. only_a",
    ])
    b.push(bash("pwd"))
    const grown = view(b)
    expect(shape(compare({ view: view(a), digests: [] }, { view: grown, digests: [] }).lines)).toEqual([
      "0.0",
      "1.1",
    ])
    const digests = (turns: Partial<RunTurn>[]) =>
      turns.map((turn, at) => turnDigest(aStoredTurn(at, { message: "", ...turn })))
    const read = compare({ view: view(a), digests: digests(a) }, { view: grown, digests: digests(b) })
    expect(shape(read.lines)).toEqual(["0.0 output", "1.1"])
  })

  it("pairs by tool and all parameters once they have been read, not by what the titles show of them", () => {
    const edit = (text: string): Partial<RunTurn> => ({
      kind: "tool",
      tool: "edit",
      parameters: { path: "a.ts", text },
    })
    const digests = (turns: Partial<RunTurn>[]) =>
      turns.map((turn, at) => turnDigest(aStoredTurn(at, { message: "", ...turn })))
    const [a, b] = [[edit("one"), edit("two")], [edit("two")]]
    const compare = createComparer()
    const titles = compare({ view: view(a), digests: [] }, { view: view(b), digests: [] })
    expect(shape(titles.lines)).toEqual(["0.0", "1. only_a"])
    const read = compare({ view: view(a), digests: digests(a) }, { view: view(b), digests: digests(b) })
    expect(shape(read.lines)).toEqual(["0. only_a", "1.0"])
    expect(read.whole).toBe(true)
  })

  it("is not whole while a run is known to have come further", () => {
    const side = { view: view([bash("ls")]), digests: [] }
    expect(createComparer()(side, { view: view([bash("ls")], { runCursor: 5 }), digests: [] }).whole).toBe(
      false,
    )
  })

  it("finds a line by its first turn, whichever partner that has now", () => {
    expect(placeOfPair([{ b: 0 }, { a: 0, b: 1 }], { a: 0, b: 7 })).toBe(1)
    expect(placeOfPair([{ b: 0 }, { a: 0, b: 1 }], { b: 1 })).toBe(1)
    expect(placeOfPair([{ b: 0 }], { a: 0 })).toBe(-1)
    expect(placeOfPair([{ b: 0 }], undefined)).toBe(-1)
  })
})

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

describe("rows that hold still", () => {
  const before = layRows([line(0, 0), line(1, undefined, "only_a"), line(2, 1)], undefined, HEIGHTS)

  it("stand one below the other, each as high as what is in it", () => {
    expect(before.tops).toEqual([0, 20, 30, 50])
    expect([0, 19, 20, 29, 30, 49, 999].map((px) => rowAtTop(before, px))).toEqual([0, 0, 1, 1, 2, 2, 2])
    expect(layRows([], undefined, HEIGHTS).tops).toEqual([0])
  })

  it("keep the anchor at its pixel when lines come above it, and when its partner is another", () => {
    const after = layRows(
      [line(undefined, 0, "only_b"), line(0, 1), line(1, undefined, "only_a"), line(2, 2)],
      undefined,
      HEIGHTS,
    )
    expect(anchoredTop(before, after, 2, 33)).toBe(43)
    expect(anchoredTop(before, before, 2, 33)).toBe(33)
  })

  it("stay where they are when the anchor is gone", () => {
    expect(anchoredTop(before, layRows([], undefined, HEIGHTS), 2, 33)).toBe(33)
  })

  it("fold and unfold around the anchor", () => {
    const lines = [...Array.from({ length: 9 }, (_, at) => line(at, at)), line(9, undefined, "only_a")]
    const open = layRows(lines, undefined, HEIGHTS)
    const folded = layRows(lines, { grade: "steps", opened: new Set() }, HEIGHTS)
    expect(folded.rows).toHaveLength(4)
    expect(anchoredTop(open, folded, 9, 180)).toBe(45)
  })
})

describe("runs to choose from", () => {
  it("are those with the same intent first, then the same agent's, each newest first, and never the other side itself", () => {
    const run = (run_id: string, agent_id: string, intent: string, at: number) =>
      aRun({ run_id, agent_id, intent, started_at: new Date(at).toISOString() })
    const other = run("other", "coder", "Fix it", 9)
    const known = [
      ...[run("far", "x", "Else", 8), run("agent", "coder", "Else", 1), run("same", "x", "Fix it", 2)],
      ...[
        run("both", "coder", "Fix it", 3),
        run("later", "coder", "Fix it", 4),
        other,
        run("far", "x", "Else", 8),
      ],
    ]
    const ids = (of: typeof known, beside?: typeof other) => suggestRuns(of, beside).map((it) => it.run_id)
    expect(ids(known, other)).toEqual(["later", "both", "same", "agent", "far"])
    expect(ids(known)).toEqual(["other", "far", "later", "both", "same", "agent"])
  })
})

describe("the fields in which two turns differ", () => {
  it("are shown as they were told; equal ones are named alone, and the order of keys says nothing", () => {
    const a = aStoredTurn(0, {
      tool: "edit",
      parameters: { x: 1, y: [2] },
      output: "one\ntwo",
      message: "Hm",
    })
    const b = aStoredTurn(3, {
      tool: "edit",
      parameters: { y: [2], x: 1 },
      output: "one\n2",
      error: { message: "no" },
    })
    const { different, same } = differentFields({ ...a }, { ...b, message: "Hm" })
    expect(same).toEqual(["Message", "Parameters"])
    expect(different.map(({ name }) => name)).toEqual(["Output", "Error"])
    expect(different[0]?.diff).toBe("@@ -1,2 +1,2 @@\n one\n-two\n+2")
    expect(different[1]?.diff).toBe("@@ -0,0 +1,1 @@\n+no")
  })
})
