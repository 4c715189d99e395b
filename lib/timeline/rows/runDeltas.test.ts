import { expect, it } from "vitest"
import { aRun } from "@/lib/testing/builders"
import { noTotals } from "@/lib/trace/turnTotals"
import { runDeltas } from "./runDeltas"

const START = "2026-01-01T00:00:00.000Z"
const totals = { ...noTotals(), input_tokens: 900, output_tokens: 100, cost_usd: 0.5, errors: 2 }
const ended = { started_at: START, status: "completed" as const, ended_at: "2026-01-01T00:01:38.700Z" }
const shown = (a: ReturnType<typeof aRun>, b: ReturnType<typeof aRun>, nowMs = 0) =>
  runDeltas(a, b, nowMs).map(({ name, a: x, b: y, delta }) => `${name} ${x} ${y} ${delta}`.trim())

it("shows signed differences in the unit of each figure", () => {
  const a = aRun({ ...ended, cursor: 42, totals })
  const b = aRun({ ...ended, ended_at: "2026-01-01T00:00:08.000Z", cursor: 1_057 })
  expect(shown(a, b)).toEqual([
    ...["turns 42 1,057 +1,015", "time 1m 38s 8s −1m 30s", "tokens 1,000 0 −1,000"],
    ...["cost $0.50 $0 −$0.50", "errors 2 0 −2"],
  ])
})

it("shows no difference between a run and itself", () => {
  const run = aRun({ ...ended, cursor: 4, totals })
  expect(runDeltas(run, run, 0).every(({ delta, change }) => delta === "" && change === 0)).toBe(true)
})

it("measures a live run up to the server's current time, never below zero", () => {
  const live = aRun({ started_at: START })
  expect(shown(live, aRun({ ...ended }), Date.parse(START) + 60_000)[1]).toBe("time 1m 00s 1m 38s +38s")
  expect(shown(live, live, Date.parse(START) - 5_000)[1]).toBe("time 0s 0s")
  expect(shown(aRun({ started_at: "nonsense" }), live, Date.parse(START))[1]).toBe("time 0s 0s")
})
