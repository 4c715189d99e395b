import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { RunSummary } from "@/lib/protocol/run"
import { type StartedTurnline, startTurnline } from "@/lib/testing/startTurnline"
import { fillBack } from "./backfill"
import { Cast, type World } from "./Cast"
import { Chance } from "./Chance"
import { liveAsFleet } from "./fleet"
import { MODELS } from "./models"
import { Pace } from "./Pace"

let server: StartedTurnline
let stop: AbortController
let warnings: string[]

beforeEach(async () => {
  server = await startTurnline()
  stop = new AbortController()
  warnings = []
})

afterEach(() => server.stop())

function aWorld(speed: number, seed = 7): World {
  const { url, agentToken: token } = server
  const warn = (message: string) => warnings.push(message)
  const pace = new Pace(speed, stop.signal)
  return { url, token, chance: new Chance(seed), pace, warn, closeMs: 30_000 }
}

/** Returns all runs once they satisfy a condition. */
async function runsOnce(holds: (runs: RunSummary[]) => boolean): Promise<RunSummary[]> {
  for (;;) {
    const { runs } = await server.ask("runs.list", { limit: 200 })
    if (holds(runs)) return runs
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const agentsOf = (runs: RunSummary[]) => new Set(runs.map((run) => run.agent_id))

describe("the simulated fleet", () => {
  it("fills a server with runs that are all accepted unchanged, and stops when aborted", async () => {
    const fleet = liveAsFleet(aWorld(200), "large")
    const ended = (runs: RunSummary[]) => runs.filter((run) => run.status === "completed")
    await runsOnce((runs) => ended(runs).length >= 60 && agentsOf(runs).size >= 24)
    stop.abort(new Error("the demo was stopped"))
    await fleet
    const runs = await runsOnce((all) => all.every((run) => run.status !== "in_progress" || !run.connected))
    expect(warnings).toEqual([])
    const outcomes = new Set(
      runs.map((run) => run.termination?.kind === "outcome" && run.termination.outcome.status),
    )
    for (const status of ["success", "failure", "give_up"]) expect(outcomes).toContain(status)
    expect(runs.some((run) => run.parent !== undefined)).toBe(true)
    expect(runs.some((run) => run.totals.cost_usd > 0 && run.totals.errors > 0)).toBe(true)
  }, 60_000)

  it("plays its history once per server", async () => {
    await fillBack(aWorld(20))
    const before = (await server.ask("runs.list", { limit: 200 })).runs.length
    expect(before).toBeGreaterThanOrEqual(13)
    await fillBack(aWorld(20, 8))
    expect((await server.ask("runs.list", { limit: 200 })).runs.length).toBe(before)
    expect(warnings).toEqual([])
  }, 60_000)

  it("ends a run and its child runs as give_up when a viewer requests cancellation", async () => {
    const cast = new Cast(aWorld(1), "test/parent", "Parent", MODELS.small)
    const played = cast.play({ intent: "wait forever" }, async (scene) => {
      await scene.handOff({ intent: "wait below", agentId: "test/child" }, async (child) => {
        await child.wait(3_600_000)
        return { status: "success" }
      })
      return { status: "success" }
    })
    const [child, parent] = await runsOnce((runs) => runs.length === 2)
    await server.ask("runs.cancel", { run_id: parent?.run_id ?? "", reason: "enough" })
    await played
    const runs = await runsOnce((all) => all.every((run) => run.status === "completed"))
    for (const run of runs)
      expect(run.termination).toMatchObject({ outcome: { status: "give_up", summary: "Stopped: enough" } })
    expect((await server.trace(parent?.run_id ?? "")).at(-2)).toMatchObject({ child_run_id: child?.run_id })
    await cast.leave()
  }, 60_000)
})
