import { afterEach, beforeEach, describe, expect, it } from "vitest"
import type { AgentError } from "@/lib/agent/AgentError"
import { type Agent, connectAgent } from "@/lib/agent/connectAgent"
import { FakeTurnline, type Interception, type Received } from "@/lib/testing/FakeTurnline"

let server: FakeTurnline
let agents: Agent[] = []
let errors: AgentError[] = []

beforeEach(async () => {
  server = await new FakeTurnline().listen()
  errors = []
})

afterEach(async () => {
  await Promise.all(agents.map((agent) => agent.close(0)))
  agents = []
  await server.stop()
})

function connect(): Agent {
  const agent = connectAgent({
    url: server.url,
    reconnectDelayMs: 10,
    onError: (error) => errors.push(error),
  })
  agents.push(agent)
  return agent
}

const messages = () => server.run.turns.map((turn) => turn.message)
const LARGE = "x".repeat(100_000)

/** Cuts the connection at each of the first three batches. `then` handles the later batches. */
function cutThree(then: (command: Received, late: Received) => Interception): void {
  const batches: Received[] = []
  server.intercept = (command) => {
    if (command.event !== "runs.record_turns") return undefined
    batches.push(command)
    return batches.length <= 3 ? "cut" : then(command, batches[0] as Received)
  }
}

describe("a large batch whose connection was lost three times", () => {
  it("I9: is refused when it arrives after its parts", async () => {
    const replies: object[] = []
    cutThree((_, late) => {
      if (messages().length > 0) replies.push(server.execute(late))
      return undefined
    })
    const run = connect().startRun({ intent: "late" })
    for (let i = 0; i < 4; i++) run.turn({ message: `turn ${i}`, output: LARGE })
    expect(await run.complete({ status: "done" })).toBe(true)
    expect(messages()).toEqual(["turn 0", "turn 1", "turn 2", "turn 3"])
    expect(replies).toMatchObject([{ ok: false, dropped: "index_conflict" }])
  })

  it("I9: is stored instead of its parts when it arrives before them", async () => {
    let arrived = false
    cutThree((_, late) => {
      if (!arrived) server.execute(late)
      arrived = true
      return undefined
    })
    const run = connect().startRun({ intent: "early" })
    for (let i = 0; i < 4; i++) run.turn({ message: `turn ${i}`, output: LARGE })
    await server.until(() => arrived)
    run.turn({ message: "turn 4" })
    expect(await run.complete({ status: "done" })).toBe(true)
    expect(messages()).toEqual(["turn 0", "turn 1", "turn 2", "turn 3", "turn 4"])
  })

  it("I9: is stored in full if it is a single turn and arrives before the shortened one", async () => {
    let arrived = false
    cutThree((_, late) => {
      if (!arrived) server.execute(late)
      arrived = true
      return undefined
    })
    const run = connect().startRun({ intent: "one" })
    run.turn({ message: "only", output: LARGE.repeat(3) })
    run.turn({ message: "next" })
    expect(await run.complete({ status: "done" })).toBe(true)
    expect(messages()).toEqual(["only", "next"])
    expect(server.run.turns[0]?.output).toHaveLength(300_000)
  })

  it("is split in a run with other writers, too", async () => {
    cutThree(() => undefined)
    const run = connect().startRun({ intent: "shared" })
    await run.started()
    for (let i = 0; i < 4; i++) run.turn({ message: `turn ${i}`, output: LARGE })
    await server.until(() => server.received.some(({ event }) => event === "runs.record_turns"))
    server.run.turns.push({ message: "another writer's" })
    expect(await run.complete({ status: "done" })).toBe(true)
    expect(messages()).toEqual(["another writer's", "turn 0", "turn 1", "turn 2", "turn 3"])
  })
})

it("sends each batch with the only index at which it may be stored", async () => {
  const run = connect().startRun({ intent: "indices" })
  for (let i = 0; i < 3; i++) {
    run.turn({ message: `turn ${i}` })
    await run.flush()
  }
  const batches = server.received.filter(({ event }) => event === "runs.record_turns")
  expect(batches.map(({ payload }) => payload.expected_index)).toEqual([0, 1, 2])
})

it("stores the turns of two agents in one run once and in each agent's order", async () => {
  const first = connect().startRun({ intent: "two writers" })
  await first.started()
  const second = connect().resumeRun(first.runId ?? "")
  for (let i = 0; i < 40; i++) {
    first.turn({ message: `a${i}` })
    second.turn({ message: `b${i}` })
    if (i % 4 === 0) await Promise.race([first.flush(), second.flush()])
  }
  expect([await first.flush(), await second.flush()]).toEqual([true, true])
  for (const writer of ["a", "b"])
    expect(messages().filter((message) => message?.startsWith(writer))).toEqual(
      Array.from({ length: 40 }, (_, i) => `${writer}${i}`),
    )
  expect(errors).toEqual([])
})

it("skips turns in a replay that the run already has, even if another process has just written them", async () => {
  const replay = () => {
    const run = connect().replayRun({ intent: "file", idempotencyKey: "file:1" })
    for (let i = 0; i < 300; i++) run.turn({ message: `turn ${i}` })
    return run
  }
  expect(await Promise.all([replay().flush(), replay().flush()])).toEqual([true, true])
  expect(messages()).toEqual(Array.from({ length: 300 }, (_, i) => `turn ${i}`))
  expect(errors).toEqual([])
})
