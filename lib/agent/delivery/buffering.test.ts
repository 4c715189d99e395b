import { afterEach, beforeEach, expect, it } from "vitest"
import type { AgentError } from "@/lib/agent/AgentError"
import { type Agent, connectAgent } from "@/lib/agent/connectAgent"
import { FakeTurnline } from "@/lib/testing/FakeTurnline"

let server: FakeTurnline
let agent: Agent
let errors: AgentError[]

beforeEach(async () => {
  server = await new FakeTurnline().listen()
  errors = []
  agent = connectAgent({
    url: server.url,
    reconnectDelayMs: 10,
    maxBufferedBytes: 20_000,
    onError: (error) => errors.push(error),
  })
})

afterEach(async () => {
  await agent.close(0)
  await server.stop()
})

it("keeps the oldest turns when the buffer is full, counts newer ones, and records in the trace how many are missing", async () => {
  const run = agent.startRun({ intent: "offline" })
  await run.started()
  await server.stop()
  for (let i = 0; i < 100; i++) run.turn({ message: `turn ${i}`, output: "x".repeat(1_000) })
  await server.listen()
  await server.until(() => server.run.turns.some((turn) => turn.event === "turns_dropped"))
  run.turn({ message: "afterwards" })
  expect(await run.complete({ status: "done" })).toBe(true)
  const stored = server.run.turns
  const gap = stored.findIndex((turn) => turn.event === "turns_dropped")
  const kept = stored.slice(0, gap).map((turn) => turn.message)
  expect(kept.length).toBeGreaterThan(10)
  expect(kept).toEqual(kept.map((_, i) => `turn ${i}`))
  expect(stored[gap]?.attributes).toEqual({ count: 100 - kept.length })
  expect(stored.slice(gap + 1).map((turn) => turn.message)).toEqual(["afterwards"])
  expect(errors.filter((error) => error.code === "buffer_full")).toHaveLength(1)
})

it("records how many turns are missing even if the run ends before there is room", async () => {
  server.intercept = ({ event }) => (event === "runs.record_turns" ? "ignore" : undefined)
  const run = agent.startRun({ intent: "stuck" })
  for (let i = 0; i < 100; i++) run.turn({ message: `turn ${i}`, output: "x".repeat(1_000) })
  await server.until(() => server.received.some(({ event }) => event === "runs.record_turns"))
  const done = run.complete({ status: "done" })
  server.intercept = () => undefined
  server.cut()
  expect(await done).toBe(true)
  const note = server.run.turns.at(-1)
  expect(note).toMatchObject({ event: "turns_dropped", attributes: { count: 101 - server.run.turns.length } })
})

it("shares the buffer among all runs of an agent", async () => {
  await server.stop()
  const greedy = agent.startRun({ intent: "greedy" })
  for (let i = 0; i < 100; i++) greedy.turn({ output: "x".repeat(1_000) })
  const modest = agent.startRun({ intent: "modest" })
  modest.turn({ message: "no room" })
  await server.listen()
  await greedy.flush()
  modest.turn({ message: "room again" })
  await modest.flush()
  const stored = server.runs.get(modest.runId ?? "")?.turns ?? []
  expect(stored.map((turn) => turn.event ?? turn.message)).toEqual(["turns_dropped", "room again"])
})

it("accepts a turn larger than the whole buffer when nothing else is queued", async () => {
  const run = agent.startRun({ intent: "one large turn" })
  run.turn({ message: "large", output: "x".repeat(100_000) })
  run.turn({ message: "no room behind it" })
  expect(await run.complete({ status: "done" })).toBe(true)
  expect(server.run.turns.map((turn) => turn.event ?? turn.message)).toEqual(["large", "turns_dropped"])
})
