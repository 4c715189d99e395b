import fc from "fast-check"
import { describe, expect, it } from "vitest"
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
import { atSpeed, pause, play, replayFrom, replayPlace, seek } from "@/lib/timeline/replay/Replay"
import { sparkline } from "@/lib/timeline/sparkline"
import { placeOf, type RowSource, rowAt, runRows } from "./runRows"

const START = Date.UTC(2026, 0, 1)
const iso = (ms: number) => new Date(START + ms).toISOString()

describe("agents over time", () => {
  const run = fc.tuple(
    fc.nat(4),
    fc.integer({ min: 0, max: 9_000 }),
    fc.integer({ min: 0, max: 3_000 }),
    fc.boolean(),
  )

  it("have each run once, and no two in one row at the same time unless more than six overlap", () => {
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

  it("put agents with a live run first and leave out a run without a start", () => {
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

describe("rows with child runs in place", () => {
  const sources: Record<string, RowSource> = {
    root: {
      cursor: 5,
      openAt: new Map([
        [1, ["kid", "none"]],
        [3, ["root", "kid2"]],
      ]),
    },
    kid: { cursor: 3, openAt: new Map([[0, ["kid2"]]]) },
    kid2: { cursor: 2, openAt: new Map() },
  }
  const slow = (id: string, depth: number): string[] => {
    const source = sources[id]
    if (source === undefined) return []
    return Array.from({ length: source.cursor }, (_, index) => [
      `${id} ${index} ${depth}`,
      ...(source.openAt.get(index) ?? []).flatMap((child) =>
        child === "root" ? [] : slow(child, depth + 1),
      ),
    ]).flat()
  }

  it("are each turn once where it belongs, and lead back to their place", () => {
    const rows = runRows("root", (id) => sources[id])
    const all = Array.from({ length: rows.count }, (_, place) => rowAt(rows, place))
    expect(all.map((row) => `${row?.runId} ${row?.index} ${row?.depth}`)).toEqual(slow("root", 0))
    expect(placeOf(rows, { runId: "root", index: 4 })).toBe(rows.count - 1)
    expect(rowAt(rows, rows.count)).toBeUndefined()
    expect(placeOf(rows, { runId: "root", index: 5 })).toBeUndefined()
  })
})

describe("replay", () => {
  it("goes on at its speed, never back and never past the end", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -10, max: 1e3, noNaN: true }),
        fc.array(fc.nat(10_000), { maxLength: 20 }),
        (speed, steps) => {
          let replay = atSpeed(play(replayFrom(100), 0, 0, 50_000), speed, 0, 50_000)
          let [now, before] = [0, 100]
          for (const [at, step] of steps.entries()) {
            now += step
            const place = replayPlace(replay, now, 50_000)
            expect(place).toBeGreaterThanOrEqual(before)
            expect(place).toBeLessThanOrEqual(50_000)
            before = place
            if (at % 3 === 0) replay = pause(replay, now, 50_000)
            if (at % 3 === 1 && place < 50_000) replay = play(replay, now, 0, 50_000)
          }
        },
      ),
    )
  })

  it("plays from the start when it stands at the end, and goes where it is sent", () => {
    const atEnd = replayFrom(500)
    expect(replayPlace(play(atEnd, 10, 20, 500), 15, 500)).toBe(25)
    expect(replayPlace(seek(atEnd, 40, 10), 99, 500)).toBe(40)
  })
})

describe("the sparkline", () => {
  it("always has its buckets, between 0 and 1, and moves to the left as time goes by", () => {
    const recent = { until: iso(0), turns: [0, 4, 1] }
    expect(sparkline(recent, START, 4)).toEqual([0, 0, 1, 0.5])
    expect(sparkline(recent, START + 10_000, 4)).toEqual([0, 1, 0.5, 0])
    expect(sparkline(recent, START + 1e9, 4)).toEqual([0, 0, 0, 0])
    expect(sparkline(undefined, START, 3)).toEqual([0, 0, 0])
    expect(sparkline({ until: "never", turns: [1] }, START, 2)).toEqual([0, 0])
  })
})

describe("numbers as text", () => {
  it("read well at every size", () => {
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
      "1.0M",
      "3.1M",
      "0",
    ])
    expect([0, 0.00001, 0.0042, 0.05, 0.31, 1.239, 1204.4].map(costText)).toEqual([
      "$0",
      "<$0.0001",
      "$0.0042",
      "$0.05",
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

  it("never say 60s or 60m", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e9 }),
        (ms) => !/\b60[ms]/.test(durationText(ms) + elapsedText(ms)),
      ),
    )
  })
})
