import { expect, test } from "vitest"
import type { RunTree } from "@/components/run/useRunTree"
import type { TurnOutline } from "@/lib/protocol/turn"
import { turnList } from "@/lib/timeline/rows/turnList"
import { rowAt, turnRows } from "@/lib/timeline/rows/turnRows"
import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { rowData } from "./rowData"

const turn = (index: number, more: Partial<TurnOutline>): TurnOutline => ({
  index,
  kind: "tool",
  title: "",
  recorded_at: "2026-01-01T00:00:00.000Z",
  ...more,
})

function rowOf(turns: Partial<TurnOutline>[]) {
  const outlines = withOutlines(
    NO_OUTLINES,
    turns.map((more, index) => turn(index, more)),
  )
  const list = turnList(outlines, turns.length)
  const rows = turnRows("run", () => ({ list, expandedAt: new Map() }))
  const row = rowAt(rows, 0)
  if (row === undefined) throw new Error("no row")
  const tree = { rows, views: new Map([["run", { outlines }]]) } as unknown as RunTree
  return rowData(tree, row, 0)
}

const repeated = (cycle: Partial<TurnOutline>[], times: number) =>
  Array.from({ length: times }, () => cycle).flat()

test("a folded cycle says how many of its turns failed, and why", () => {
  const cycle: Partial<TurnOutline>[] = [
    { tool: "edit", title: "edit a.ts" },
    { tool: "bash", title: "bash make", exit_code: 2 },
    { tool: "fetch", title: "fetch b", error: true, error_text: "timeout" },
  ]
  expect(rowOf(repeated(cycle, 4))).toMatchObject({
    turns: 12,
    repeats: 4,
    cycleTitle: "edit → bash → fetch",
    cycleFailures: 8,
    cycleError: "timeout",
  })
})

test("a folded cycle without failures has none, and equal turns aren't a cycle", () => {
  const cycle = [
    { tool: "a", title: "a" },
    { tool: "b", title: "b", exit_code: 0 },
  ]
  expect(rowOf(repeated(cycle, 4))).toMatchObject({ cycleFailures: 0, cycleError: undefined })
  const equal = repeated([{ title: "c", exit_code: 1 }], 5)
  expect(rowOf(equal)).toMatchObject({ turns: 5, cycleTitle: undefined, cycleFailures: 0 })
})
