import { describe, expect, it } from "vitest"
import type { RunTurn } from "@/lib/protocol/turn"
import { aRun, aStoredTurn } from "@/lib/testing/builders"
import type { ComparedTurn } from "@/lib/timeline/compare/compareTurns"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { turnDigest } from "@/lib/trace/turnDigest"
import { withOutlines } from "@/lib/trace/view/OutlineList"
import { emptyView, type RunView } from "@/lib/trace/view/RunView"
import { createComparer, placeOfPair } from "./createComparer"

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

describe("createComparer", () => {
  it("returns no lines while older turns of either run are loading", () => {
    const compare = createComparer()
    const side = { view: view([bash("ls")]), digests: [] }
    expect(compare(side, { view: view([bash("ls")], { base: 1 }), digests: [] })).toEqual({
      lines: [],
      isComplete: false,
    })
    expect(compare({ view: emptyView("r"), digests: [] }, side).lines).toEqual([])
  })

  it("adds new turns and refines the comparison as contents are loaded", () => {
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

  it("aligns by titles until contents are loaded, then by all parameters", () => {
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
    expect(read.isComplete).toBe(true)
  })

  it("is incomplete while a run has turns that haven't arrived", () => {
    const side = { view: view([bash("ls")]), digests: [] }
    expect(
      createComparer()(side, { view: view([bash("ls")], { runCursor: 5 }), digests: [] }).isComplete,
    ).toBe(false)
  })
})

it("placeOfPair finds a line by its first turn, regardless of the other one", () => {
  expect(placeOfPair([{ b: 0 }, { a: 0, b: 1 }], { a: 0, b: 7 })).toBe(1)
  expect(placeOfPair([{ b: 0 }, { a: 0, b: 1 }], { b: 1 })).toBe(1)
  expect(placeOfPair([{ b: 0 }], { a: 0 })).toBe(-1)
  expect(placeOfPair([{ b: 0 }], undefined)).toBe(-1)
})
