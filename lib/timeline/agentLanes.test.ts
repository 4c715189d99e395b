import { expect, test } from "vitest"
import type { RunSummary } from "@/lib/protocol/run"
import { agentLanes } from "./agentLanes"

const at = (second: number) => new Date(second * 1_000).toISOString()
const run = (run_id: string, agent_id: string, from: number, to?: number): RunSummary => ({
  run_id,
  agent_id,
  client_id: "c",
  intent: "",
  started_at: at(from),
  ...(to === undefined
    ? { status: "in_progress" as const }
    : {
        status: "completed" as const,
        ended_at: at(to),
        termination: { kind: "outcome" as const, outcome: { status: "failure" as const } },
      }),
  cursor: 0,
  connected: true,
  child_count: 0,
  labels: {},
  totals: { input_tokens: 0, output_tokens: 0, cost_usd: 0, errors: 0, duration_ms: 0 },
})

test("a live run's bar ends now, an ended one's where it ended, both within the window", () => {
  const [lane] = agentLanes([run("live", "a", 5), run("old", "a", 1, 12)], 10_000, 20_000)
  expect(lane?.bars).toMatchObject([
    { run_id: "live", fromMs: 10_000, toMs: 20_000, live: true, outcome: undefined },
    { run_id: "old", fromMs: 10_000, toMs: 12_000, live: false, outcome: "bad" },
  ])
  expect(lane?.live).toBe(1)
})

test("runs at one time stand in rows of their own, one after the other in one row", () => {
  const [lane] = agentLanes([run("c", "a", 6, 9), run("b", "a", 2, 5), run("a", "a", 1, 4)], 0, 20_000)
  expect(lane?.bars.map((bar) => [bar.run_id, bar.row])).toEqual([
    ["a", 0],
    ["b", 1],
    ["c", 0],
  ])
  expect(lane?.rows).toBe(2)
})

test("many runs at a time share the last row", () => {
  const many = Array.from({ length: 40 }, (_, k) => run(`r${k}`, "a", 1 + k / 100))
  const [lane] = agentLanes(many, 0, 20_000)
  expect(lane?.rows).toBe(4)
  expect(lane?.bars).toHaveLength(40)
})

test("lanes stand by agent id whatever the order of the runs, and an agent with nothing in the window has none", () => {
  const runs = [run("1", "b", 1, 2), run("2", "a", 15), run("3", "c", 15, 16), run("4", "d", 30)]
  expect(agentLanes(runs, 10_000, 20_000).map((lane) => lane.agent_id)).toEqual(["a", "c"])
  expect(agentLanes([...runs].reverse(), 10_000, 20_000).map((lane) => lane.agent_id)).toEqual(["a", "c"])
})

test("a time that is none makes no bar", () => {
  expect(agentLanes([{ ...run("x", "a", 1), started_at: "soon" }], 0, 20_000)).toEqual([])
})
