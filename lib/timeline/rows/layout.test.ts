import fc from "fast-check"
import { describe, expect, it } from "vitest"
import type { TurnOutline } from "@/lib/protocol/turn"
import { aRun } from "@/lib/testing/builders"
import {
  agoText,
  costText,
  countText,
  durationText,
  elapsedText,
  grouped,
  sizeText,
} from "@/lib/timeline/formatNumber"
import { laneLayout } from "@/lib/timeline/lanes/laneLayout"
import { replayPosition } from "@/lib/timeline/replay/Replay"
import { sparkline } from "@/lib/timeline/sparkline"
import { NO_OUTLINES, withOutlines } from "@/lib/trace/view/OutlineList"
import { turnList } from "./turnList"
import { type RowSource, rowAt, rowNumberOf, turnRows, turnsOfRow } from "./turnRows"

const START = Date.UTC(2026, 0, 1)
const iso = (ms: number) => new Date(START + ms).toISOString()

describe("laneLayout", () => {
  const run = fc.tuple(
    fc.nat(4),
    fc.integer({ min: 0, max: 9_000 }),
    fc.integer({ min: 0, max: 3_000 }),
    fc.boolean(),
  )

  it("places each run once, and overlapping runs in separate rows up to six", () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 30 }), (list) => {
        const runs = list.map(([agent, start, length, live], at) =>
          aRun({
            run_id: `run-${at}`,
            agent_id: `agent-${agent}`,
            started_at: iso(start),
            ...(live ? {} : { status: "completed", ended_at: iso(start + length) }),
          }),
        )
        const lanes = laneLayout(runs)
        expect(lanes.flatMap((lane) => lane.bars.map((bar) => bar.runId)).sort()).toEqual(
          runs.map((it) => it.run_id).sort(),
        )
        for (const { bars, rows } of lanes) {
          for (const bar of bars) {
            expect(bar.row).toBeLessThan(rows)
            const clash = bars.some(
              (other) =>
                other !== bar &&
                other.row === bar.row &&
                other.start <= bar.start &&
                (other.end ?? Infinity) > bar.start &&
                (other.start < bar.start || other.runId < bar.runId),
            )
            if (bar.row < 5) expect(clash).toBe(false)
          }
        }
      }),
    )
  })

  it("puts agents with a live run first and omits runs without a start", () => {
    const done = { status: "completed", ended_at: iso(5) } as const
    const lanes = laneLayout([
      aRun({ run_id: "1", agent_id: "a", started_at: iso(0), ...done }),
      aRun({ run_id: "2", agent_id: "b", agent_name: "Zed", started_at: iso(0) }),
      aRun({ run_id: "3", agent_id: "c", started_at: "never" }),
    ])
    expect(lanes.map((lane) => [lane.name, lane.bars.length])).toEqual([
      ["Zed", 1],
      ["a", 1],
      ["c", 0],
    ])
  })
})

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

describe("replayPosition", () => {
  it("advances at the replay's speed and stops at the end", () => {
    const replay = { speed: 10, position: 100, startedAt: 5_000 }
    expect(replayPosition(replay, 5_000, 50_000)).toBe(100)
    expect(replayPosition(replay, 5_050, 50_000)).toBe(600)
    expect(replayPosition(replay, 99_000, 50_000)).toBe(50_000)
  })

  it("doesn't move back if the clock does", () => {
    expect(replayPosition({ speed: 10, position: 100, startedAt: 5_000 }, 4_000, 50_000)).toBe(100)
  })
})

describe("sparkline", () => {
  it("always has the requested number of heights from 0 to 1, and moves left as time passes", () => {
    const recent = { until: iso(0), turns: [0, 4, 1] }
    expect(sparkline(recent, START, 4)).toEqual([0, 0, 1, 0.5])
    expect(sparkline(recent, START + 10_000, 4)).toEqual([0, 1, 0.5, 0])
    expect(sparkline(recent, START + 1e9, 4)).toEqual([0, 0, 0, 0])
    expect(sparkline(undefined, START, 3)).toEqual([0, 0, 0])
    expect(sparkline({ until: "never", turns: [1] }, START, 2)).toEqual([0, 0])
  })
})

describe("formatting numbers", () => {
  it("works for every order of magnitude", () => {
    expect(
      [0, -5, Number.NaN, 0.4, 42, 120, 999, 6_200, 9_949, 41_000, 98_000, 7_500_000, 273_600_000].map(
        durationText,
      ),
    ).toEqual([
      "0s",
      "0s",
      "0s",
      "1ms",
      "42ms",
      "0.1s",
      "1s",
      "6.2s",
      "9.9s",
      "41s",
      "1m 38s",
      "2h 05m",
      "3d 4h",
    ])
    expect([0, 999, 41_999, 59_999, 60_000].map(elapsedText)).toEqual(["0s", "0s", "41s", "59s", "1m 00s"])
    expect([0, 987, 1_204, 12_449, 182_000, 999_600, 3_100_000, Number.NaN].map(countText)).toEqual([
      "0",
      "987",
      "1,204",
      "12.4k",
      "182k",
      "1M",
      "3.1M",
      "0",
    ])
    expect([0, 0.00001, 0.0042, 0.05, 0.31, 1.239, 1204.4].map(costText)).toEqual([
      "$0",
      "<$0.0001",
      "$0.0042",
      "$0.0500",
      "$0.31",
      "$1.24",
      "$1,204",
    ])
    expect([0, 41_000, 300_000, 11_000_000, 2e8, -5].map(agoText)).toEqual([
      "now",
      "41s ago",
      "5m ago",
      "3h ago",
      "2d ago",
      "now",
    ])
    expect([0, 812, 16_384, 3_355_443].map(sizeText)).toEqual(["0 B", "812 B", "16.0 KiB", "3.2 MiB"])
    expect(grouped(1_234_567)).toBe("1,234,567")
  })

  it("never shows 60s or 60m", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9 }),
        (ms) => !/\b60[ms]/.test(durationText(ms) + elapsedText(ms)),
      ),
    )
  })
})
