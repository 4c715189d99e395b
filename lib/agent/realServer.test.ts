import { afterEach, expect, it } from "vitest"
import type { RunRecord } from "@/lib/protocol/run"
import { type StartedTurnline, startTurnline } from "@/lib/testing/startTurnline"
import type { AgentError } from "./AgentError"
import { type Agent, type AgentOptions, connectAgent } from "./connectAgent"

let server: StartedTurnline
let agents: Agent[] = []
let errors: AgentError[] = []

afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.close(0)))
  await server.stop()
  agents = []
  errors = []
})

async function connect(
  settings: Record<string, string> = {},
  options: Partial<AgentOptions> = {},
): Promise<Agent> {
  server = await startTurnline(settings)
  const agent = connectAgent({
    url: server.url,
    token: server.agentToken,
    agentId: "real",
    reconnectDelayMs: 10,
    onError: (error) => errors.push(error),
    ...options,
  })
  agents.push(agent)
  return agent
}

/** Polls until the condition is true. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

const turnsOf = (trace: RunRecord[]) => trace.flatMap((record) => (record.record === "turn" ? [record] : []))

it("I1 I9: stores every turn once and in order across three server restarts", async () => {
  const agent = await connect()
  const run = agent.startRun({ intent: "endure" })
  let next = 0
  for (let round = 0; round < 3; round++) {
    const recording = setInterval(() => run.turn({ message: `turn ${next++}`, output: "x".repeat(2_000) }), 1)
    await server.restart()
    clearInterval(recording)
  }
  expect(await run.complete({ status: "success" })).toBe(true)
  const turns = turnsOf(await server.trace(run.runId ?? ""))
  expect(turns.map((turn) => turn.message)).toEqual(Array.from({ length: next }, (_, i) => `turn ${i}`))
  expect(next).toBeGreaterThan(3)
  expect(errors.every((error) => error.code === "unreachable")).toBe(true)
})

it("keeps turns with unusual values", async () => {
  const run = (await connect()).startRun({ intent: "strange" })
  const loop: Record<string, unknown> = { n: 1n }
  loop.loop = loop
  run.turn({ parameters: loop, output: new Map([["__proto__", () => 1]]) })
  run.turn({ output: "y".repeat(5 * 1024 * 1024) })
  run.turn({ output: Array.from({ length: 1_000 }, (_, i) => ({ i, a: 1, b: 2, c: 3 })) })
  run.turn({ message: "\u0000\u001b[31m\ud800\u202e", tool: "t".repeat(9_999) })
  expect(await run.complete({ status: "done", evidence: loop })).toBe(true)
  const turns = turnsOf(await server.trace(run.runId ?? ""))
  expect(turns).toHaveLength(4)
  expect(turns[1]?.attributes).toEqual({ left_out: { output: 5_242_882 } })
  expect(errors.map((error) => error.code)).toEqual(["turn_cut"])
})

it("adapts to a server with smaller limits", async () => {
  const agent = await connect({ TURNLINE_MAX_TURN_BYTES: "50000", TURNLINE_MAX_TURNS_PER_RUN: "6" })
  const run = agent.startRun({ intent: "small house" })
  for (let i = 0; i < 8; i++) run.turn({ message: `turn ${i}`, output: "z".repeat(i === 3 ? 60_000 : 10) })
  expect(await run.complete({ status: "done" })).toBe(true)
  const turns = turnsOf(await server.trace(run.runId ?? ""))
  const said = turns.map((turn) => turn.event ?? turn.message)
  expect(said).toEqual(["turn 0", "turn 1", "turn 2", "turn_refused", "turn 4", "turn 5"])
  expect(errors.map((error) => [error.code, error.dropped_turns])).toEqual([
    ["turn_refused", 1],
    ["too_large", 2],
  ])
})

it("I11: continues its run after being disconnected for longer than the grace period", async () => {
  const agent = await connect({ TURNLINE_GRACE_MS: "0" }, { reconnectDelayMs: 5_000 })
  const run = agent.startRun({ intent: "gone too long" })
  await run.started()
  const late: string[] = []
  let hasEnded = false
  // On a slow machine, the agent may be back before the server ends its run. Then it is disconnected again.
  while (!hasEnded) {
    await server.restart()
    late.push(`late ${late.length}`)
    run.turn({ message: late.at(-1) })
    await until(async () => {
      const trace = await server.trace(run.runId ?? "")
      hasEnded = trace.at(-1)?.record === "ended"
      return hasEnded || turnsOf(trace).length === late.length
    })
  }
  expect(await run.flush()).toBe(true)
  const turns = turnsOf(await server.trace(run.runId ?? ""))
  expect(turns.map(({ message }) => message)).toEqual(late)
  expect(new Set(errors.map(({ code }) => code))).toEqual(new Set(["unreachable"]))
})

it("shows progress to a viewer, and is notified of the viewer's cancel request", async () => {
  const run = (await connect()).startRun({ intent: "watched" })
  await run.started()
  run.progress({ kind: "tool", tool: "dig", waiting_for: "approval of: dig" })
  const waiting = async () => (await server.ask("runs.list", { waiting: true })).runs[0]?.activity
  await until(async () => (await waiting()) !== undefined)
  expect(await waiting()).toMatchObject({ tool: "dig", waiting_for: "approval of: dig" })
  const asked = new Promise<string | undefined>((resolve) => run.onCancel(({ reason }) => resolve(reason)))
  expect(await server.ask("runs.cancel", { run_id: run.runId ?? "", reason: "stop digging" })).toMatchObject({
    delivered: true,
  })
  expect(await asked).toBe("stop digging")
  expect(await run.complete({ status: "give_up" })).toBe(true)
})

it("I10: starts one run per key, whichever process starts it", async () => {
  const first = await connect()
  const second = connectAgent({ url: server.url, token: server.agentToken, agentId: "real" })
  agents.push(second)
  const runs = [first, second].map((agent) =>
    agent.startRun({ intent: "once", idempotencyKey: "one-job-only" }),
  )
  const started = await Promise.all(runs.map((run) => run.started()))
  expect(new Set(started.map((start) => start?.run_id)).size).toBe(1)
  expect(started.filter((start) => start?.created)).toHaveLength(1)
})
