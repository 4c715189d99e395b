import { describe, expect, it } from "vitest"
import { aRun, aStoredTurn } from "@/lib/testing/builders"
import { outlineTurn } from "@/lib/trace/outlineTurn"
import { withOutlines } from "@/lib/trace/view/OutlineList"
import { emptyView } from "@/lib/trace/view/RunView"
import { runBounds } from "./runBounds"

const MINUTE = 60_000
const at = (ms: number) => new Date(Date.UTC(2026, 0, 2) + ms).toISOString()

function aView(startMs: number, turnStartsMs: readonly number[], recordedMs: number, endMs?: number) {
  const outlines = turnStartsMs.map((ms, index) => ({
    ...outlineTurn({ ...aStoredTurn(index), started_at: at(ms), duration_ms: MINUTE }),
    index,
    recorded_at: at(recordedMs),
  }))
  const run = { ...aRun(), started_at: at(startMs), ...(endMs !== undefined && { ended_at: at(endMs) }) }
  const empty = emptyView("r")
  return { run, outlines: withOutlines(empty.outlines, outlines), cursor: outlines.length }
}
const minutes = ({ startMs, endMs, isHistory }: ReturnType<typeof runBounds>) => [
  (startMs - Date.parse(at(0))) / MINUTE,
  (endMs - Date.parse(at(0))) / MINUTE,
  isHistory,
]

describe("runBounds", () => {
  it("spans the run's start to its last turn or its end", () => {
    expect(minutes(runBounds(aView(0, [1 * MINUTE, 5 * MINUTE], 9 * MINUTE)))).toEqual([0, 6, false])
    expect(minutes(runBounds(aView(0, [1 * MINUTE], 9 * MINUTE, 8 * MINUTE)))).toEqual([0, 8, false])
  })

  it("spans only the turns if they all ended before the run was recorded", () => {
    const history = aView(90 * MINUTE, [0, 30 * MINUTE], 91 * MINUTE, 91 * MINUTE)
    expect(minutes(runBounds(history))).toEqual([0, 31, true])
  })

  it("spans only the turns if an ended run was recorded long after its last turn", () => {
    const run = aView(0, [0, 5 * MINUTE], 600 * MINUTE, 601 * MINUTE)
    const ended = { ...run, run: { ...run.run, status: "completed" as const } }
    expect(minutes(runBounds(ended))).toEqual([0, 6, true])
    expect(minutes(runBounds(run))).toEqual([0, 601, false])
  })

  it("starts with a turn that started before the run", () => {
    expect(minutes(runBounds(aView(2 * MINUTE, [1 * MINUTE, 4 * MINUTE], 9 * MINUTE)))).toEqual([1, 5, false])
  })

  it("is zero without a view or a run", () => {
    expect(runBounds(undefined)).toEqual({ startMs: 0, endMs: 0, isHistory: false })
    expect(runBounds(emptyView("r"))).toEqual({ startMs: 0, endMs: 0, isHistory: false })
  })
})
