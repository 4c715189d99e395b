import { describe, expect, it } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { turnList } from "./turnList"
import { type RowSource, rowAt, rowNumberOf, turnRows, turnsOfRow } from "./turnRows"

const START = Date.UTC(2026, 0, 1)
const iso = (ms: number) => new Date(START + ms).toISOString()

describe("turnRows", () => {
  const listOf = (count: number) => {
    const outlines = Array.from({ length: count }, (_, index): TurnOutline => {
      return { index, kind: "tool", title: `turn ${index}`, recorded_at: iso(0) }
    })
    return turnList(withOutlines(NO_OUTLINES, outlines), count)
  }
  const sources: Record<string, RowSource> = {
    root: {
      list: listOf(5),
      expandedAt: new Map([
        [1, ["kid", "none"]],
        [3, ["root", "kid2"]],
      ]),
    },
    kid: { list: listOf(3), expandedAt: new Map([[0, ["kid2"]]]) },
    kid2: { list: listOf(2), expandedAt: new Map() },
  }
  const expected = (id: string, depth: number): string[] => {
    const source = sources[id]
    if (source === undefined) return []
    return [...source.list.indices].flatMap((index) => [
      `${id} ${index} ${depth}`,
      ...(source.expandedAt.get(index) ?? []).flatMap((child) =>
        child === "root" ? [] : expected(child, depth + 1),
      ),
    ])
  }

  it("shows each turn once, child turns below their parent turn, and maps turns back to row numbers", () => {
    const rows = turnRows("root", (id) => sources[id])
    const all = Array.from({ length: rows.count }, (_, rowNumber) => rowAt(rows, rowNumber))
    expect(all.map((row) => `${row?.runId} ${row?.index} ${row?.depth}`)).toEqual(expected("root", 0))
    expect(rowNumberOf(rows, { runId: "root", index: 4 })).toBe(rows.count - 1)
    expect(turnsOfRow(rows, rows.count - 1)).toEqual([4])
    expect(rowAt(rows, rows.count)).toBeUndefined()
    expect(rowAt(rows, -1)).toBeUndefined()
    expect(rowNumberOf(rows, { runId: "root", index: 5 })).toBeUndefined()
  })

  it("omits child runs of turns that the filter hides", () => {
    const hidden = { list: turnList(NO_OUTLINES, 0), expandedAt: new Map([[1, ["kid"]]]) }
    expect(turnRows("root", (id) => (id === "root" ? hidden : sources[id])).count).toBe(0)
  })
})
