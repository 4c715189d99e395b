import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { aRun } from "@/lib/testing/builders"
import { laneLayout } from "./laneLayout"

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
