import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"
import { FakeTurnline, refusal } from "@/lib/testing/FakeTurnline"
import type { AgentError } from "./AgentError"
import { type Agent, type AgentOptions, connectAgent } from "./connectAgent"

let server: FakeTurnline
let agents: Agent[] = []
let errors: AgentError[] = []

beforeEach(async () => {
  server = await new FakeTurnline().listen()
  errors = []
})

afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(agents.map((agent) => agent.close(0)))
  agents = []
  await server.stop()
})

function connect(options: Partial<AgentOptions> = {}): Agent {
  const agent = connectAgent({
    url: server.url,
    token: "t",
    reconnectDelayMs: 10,
    onError: (error) => errors.push(error),
    ...options,
  })
  agents.push(agent)
  return agent
}

const messages = () => server.run.turns.map((turn) => turn.message)
const numbers = (count: number, from = 0) => Array.from({ length: count }, (_, i) => `turn ${from + i}`)
const codes = () => errors.map((error) => error.code)
/** Returns a function that returns a value the given number of times, then undefined. */
function times<T>(count: number, value: T): () => T | undefined {
  let left = count
  return () => (left-- > 0 ? value : undefined)
}

describe("delivery", () => {
  it("stores turns recorded before the server replied to the start, in order, then the outcome", async () => {
    const run = connect({ agentId: "bot", agentName: "Bot" }).startRun({ intent: "try", labels: { n: 1 } })
    for (const message of numbers(3)) run.turn({ message })
    expect(run.runId).toBeUndefined()
    expect(await run.complete({ status: "success", summary: "ok" })).toBe(true)
    expect(messages()).toEqual(numbers(3))
    expect(server.run).toMatchObject({ status: "completed", outcome: { status: "success", summary: "ok" } })
    expect(server.run.start).toMatchObject({ agent_id: "bot", agent_name: "Bot", labels: { n: "1" } })
    expect((await run.started())?.run_id).toBe(server.run.run_id)
    expect(errors).toEqual([])
  })

  it("keeps order in batches of at most 256 turns and about a MiB", async () => {
    const run = connect().startRun({ intent: "many" })
    for (const message of numbers(1_000)) run.turn({ message })
    for (let i = 0; i < 5; i++) run.turn({ message: `big ${i}`, output: "x".repeat(400_000) })
    expect(await run.flush()).toBe(true)
    expect(messages()).toEqual([...numbers(1_000), ...[0, 1, 2, 3, 4].map((i) => `big ${i}`)])
    const batches = server.received.filter(({ event }) => event === "runs.record_turns")
    for (const { payload } of batches) {
      expect((payload.turns as unknown[]).length).toBeLessThanOrEqual(256)
      expect(JSON.stringify(payload).length).toBeLessThan(1_300_000)
    }
    expect(batches.length).toBeLessThan(12)
  })

  it("I9: stores nothing twice when acknowledgements are lost", async () => {
    const fates = {
      "runs.start": times(1, "lose-ack" as const),
      "runs.record_turns": times(2, "lose-ack" as const),
      "runs.complete": times(1, "lose-ack" as const),
    }
    server.intercept = ({ event }) => fates[event as keyof typeof fates]?.()
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
    const run = connect({ ackTimeoutMs: 1_000 }).startRun({ intent: "lossy" })
    for (const message of numbers(5)) run.turn({ message })
    let isDone = false
    const completed = run.complete({ status: "done" }).finally(() => {
      isDone = true
    })
    // The server runs in this thread, so a reply takes a few turns of the event loop, but never a second of this clock.
    while (!isDone) {
      await vi.advanceTimersByTimeAsync(5)
      await new Promise(setImmediate)
    }
    expect(await completed).toBe(true)
    expect(server.runs.size).toBe(1)
    expect(messages()).toEqual(numbers(5))
    expect(server.received.filter(({ event }) => event === "runs.record_turns")).toHaveLength(3)
  })

  it("stores everything once and in order while connections are cut before and after each commit", async () => {
    const tries = new Map<unknown, number>()
    server.intercept = ({ event, payload }) => {
      const command = payload.idempotency_key ?? event
      const nth = (tries.get(command) ?? 0) + 1
      tries.set(command, nth)
      return nth === 1 ? "cut" : nth === 2 ? "cut-after" : undefined
    }
    const run = connect().startRun({ intent: "cut" })
    for (let i = 0; i < 6; i++) {
      run.turn({ message: `turn ${i}` })
      await server.until(() => server.received.length > i)
    }
    expect(await run.complete({ status: "done" })).toBe(true)
    expect(server.runs.size).toBe(1)
    expect(messages()).toEqual(numbers(6))
    expect(tries.size).toBeGreaterThan(4)
  })

  it("I12 I23: continues after a server restart, taking the run over before it flushes", async () => {
    const run = connect().startRun({ intent: "restart" })
    run.turn({ message: "turn 0" })
    expect(await run.flush()).toBe(true)
    server.intercept = () => "ignore"
    run.turn({ message: "turn 1" })
    await server.until(() => server.received.at(-1)?.event === "runs.record_turns")
    await server.stop()
    for (const message of numbers(3, 2)) run.turn({ message })
    server.intercept = () => undefined
    const before = server.received.length
    await server.listen()
    expect(await run.complete({ status: "success" })).toBe(true)
    expect(messages()).toEqual(numbers(5))
    expect(server.received[before]).toMatchObject({ event: "runs.start", payload: { run_id: run.runId } })
    expect(codes()).toEqual(["unreachable"])
  })

  it("queues turns before the server is up", async () => {
    await server.stop()
    const agent = connect()
    const run = agent.startRun({ intent: "early bird" })
    for (const message of numbers(300)) run.turn({ message })
    expect(await run.flush(1)).toBe(false)
    await server.listen()
    expect(await run.complete({ status: "done" })).toBe(true)
    expect(messages()).toEqual(numbers(300))
  })

  it("retries while the server is unavailable or limits the rate", async () => {
    const busy = { ok: false, error: { code: "rate_limited", message: "slow down", retry_after_ms: 1 } }
    const fates = [times(1, refusal("unavailable", "disk full")), times(1, busy)]
    server.intercept = ({ event }) =>
      event === "runs.record_turns" ? (fates[0]?.() ?? fates[1]?.()) : undefined
    const run = connect().startRun({ intent: "busy" })
    run.turn({ message: "turn 0" })
    expect(await run.flush()).toBe(true)
    expect(messages()).toEqual(["turn 0"])
    expect(errors).toEqual([])
  })

  it("keeps the turns of runs that share a connection separate", async () => {
    const agent = connect()
    const runs = [0, 1, 2].map((i) => agent.startRun({ intent: `run ${i}` }))
    for (let turn = 0; turn < 10; turn++)
      for (const [i, run] of runs.entries()) run.turn({ message: `${i}.${turn}` })
    expect(await agent.flush()).toBe(true)
    for (const run of runs) {
      const stored = server.runs.get(run.runId ?? "")
      const number = String(stored?.start.intent).at(-1)
      expect(stored?.turns.map((turn) => turn.message)).toEqual(numbers(10).map((_, i) => `${number}.${i}`))
    }
  })

  it("cuts a changed title, name and description to the protocol's limits, as when a run starts", async () => {
    const run = connect().startRun({ intent: "short" })
    run.update({
      intent: "t".repeat(100_000),
      agentName: "n".repeat(1_000),
      outcomeDescription: "d".repeat(10_000),
    })
    expect(await run.complete({ status: "done" })).toBe(true)
    const [update] = server.received.filter(({ event }) => event === "runs.update")
    expect(update?.payload).toMatchObject({ agent_name: `${"n".repeat(253)}…` })
    expect(errors).toEqual([])
  })

  it("resumes an existing run by its id", async () => {
    const first = connect().startRun({ intent: "long" })
    first.turn({ message: "turn 0" })
    await first.flush()
    const second = connect().resumeRun(first.runId ?? "")
    second.turn({ message: "turn 1" })
    expect(await second.complete({ status: "done" })).toBe(true)
    expect(messages()).toEqual(numbers(2))
    expect((await second.started())?.created).toBe(false)
  })
})

it("stops when it can't resume a run that doesn't exist", async () => {
  const run = connect().resumeRun("no-such-run")
  run.turn({ message: "lost" })
  expect(await run.started()).toBeUndefined()
  expect(errors).toMatchObject([{ code: "not_found", dropped_turns: 1, run_id: "no-such-run" }])
})

describe("refusals by the server", () => {
  it("replaces a refused turn with a note and stores the rest in order", async () => {
    server.intercept = ({ event, payload }) =>
      event === "runs.record_turns" && JSON.stringify(payload).includes("poison")
        ? {
            ok: false,
            error: { code: "invalid_params", message: "bad", issues: [{ path: "turns.0", message: "no" }] },
          }
        : undefined
    const run = connect().startRun({ intent: "poisoned" })
    for (let i = 0; i < 20; i++) run.turn({ message: i === 13 ? "poison" : `turn ${i}` })
    expect(await run.flush()).toBe(true)
    expect(server.run.turns).toHaveLength(20)
    expect(server.run.turns[13]).toMatchObject({ kind: "system", event: "turn_refused" })
    expect(messages().filter((_, i) => i !== 13)).toEqual(numbers(20).filter((_, i) => i !== 13))
    expect(errors).toMatchObject([{ code: "turn_refused", dropped_turns: 1, run_id: run.runId }])
  })

  it("records a turn over 4 MiB without its largest field", async () => {
    const run = connect().startRun({ intent: "oversize" })
    run.turn({ tool: "cat", parameters: { path: "/big" }, output: "x".repeat(5 * 1024 * 1024) })
    run.turn({ message: "after" })
    expect(await run.flush()).toBe(true)
    expect(server.run.turns[0]).toMatchObject({
      tool: "cat",
      attributes: { left_out: { output: 5_242_882 } },
    })
    expect(server.run.turns[1]).toMatchObject({ message: "after" })
    expect(codes()).toEqual(["turn_cut"])
  })

  it("I9: doesn't split a large batch that was stored but never acknowledged", async () => {
    const run = connect().startRun({ intent: "unlucky" })
    await run.started()
    let losses = 0
    server.intercept = ({ event }) =>
      event === "runs.record_turns" && losses++ < 5 ? "cut-after" : undefined
    for (let i = 0; i < 4; i++) run.turn({ message: `turn ${i}`, output: "x".repeat(100_000) })
    expect(await run.complete({ status: "done" })).toBe(true)
    expect(server.run.turns.map((turn) => turn.message)).toEqual(["turn 0", "turn 1", "turn 2", "turn 3"])
  })

  it("adapts to a lower message limit of the server", async () => {
    await server.stop()
    server.maxMessageBytes = 300 * 1024
    await server.listen()
    const run = connect().startRun({ intent: "small messages" })
    for (let i = 0; i < 3; i++) run.turn({ message: `turn ${i}`, output: "x".repeat(200 * 1024) })
    expect(await run.flush()).toBe(true)
    expect(messages()).toEqual(numbers(3))
  })

  it("stops at the server's turn limit and reports it once", async () => {
    server.intercept = ({ event, payload }) =>
      event === "runs.record_turns" && server.run.turns.length + (payload.turns as unknown[]).length > 5
        ? { ok: false, error: { code: "too_large", message: "full" }, dropped: "run_turn_limit" }
        : undefined
    const run = connect().startRun({ intent: "full" })
    for (const message of numbers(9)) run.turn({ message })
    await run.flush()
    run.turn({ message: "too late" })
    expect(await run.complete({ status: "done" })).toBe(true)
    expect(messages()).toEqual(numbers(5))
    expect(errors).toMatchObject([{ code: "too_large", dropped_turns: 4 }])
  })

  it("reports once that the run was ended elsewhere, and stops", async () => {
    const run = connect().startRun({ intent: "gone" })
    await run.started()
    server.run.status = "incomplete"
    for (const message of numbers(4)) run.turn({ message })
    expect(await run.flush()).toBe(false)
    run.turn({ message: "more" })
    expect(await run.complete({ status: "done" })).toBe(false)
    expect(errors).toMatchObject([{ code: "already_terminal", dropped_turns: 4, run_id: run.runId }])
    expect(run.error).toBe(errors[0])
  })

  it("names the refused fields in its message, because not everyone logs the issues", async () => {
    const issues = [{ path: "agent_id", message: "no spaces" }]
    const error = { code: "invalid_params", message: "Invalid command payload.", issues }
    server.intercept = () => ({ ok: false, error })
    await connect().startRun({ intent: "refused", agentId: "my agent" }).started()
    expect(errors).toMatchObject([{ issues, message: expect.stringContaining("(agent_id: no spaces)") }])
  })

  it.each(["forbidden", "invalid_params"])("stops if starting the run fails with %s", async (code) => {
    server.intercept = () => refusal(code, "no")
    const run = connect().startRun({ intent: "refused" })
    run.turn({ message: "lost" })
    expect(await run.started()).toBeUndefined()
    expect(errors).toMatchObject([{ code, dropped_turns: 1 }])
    expect(server.received).toHaveLength(1)
  })

  it("stops when the server closes the connection permanently", async () => {
    const agent = connect()
    const run = agent.startRun({ intent: "revoked" })
    await run.started()
    server.disconnectAll()
    await run.delivery.until(() => run.delivery.over !== undefined)
    run.turn({ message: "lost" })
    expect(agent.startRun({ intent: "another" }).error?.code).toBe("revoked")
    expect(codes()).toEqual(["revoked"])
    expect(server.connections).toBe(1)
  })

  it.each(["unauthenticated", "unsupported_protocol"])("doesn't reconnect after %s", async (code) => {
    server.refuse = { code }
    const run = connect().startRun({ intent: "stranger" })
    expect(await run.started()).toBeUndefined()
    expect(codes()).toEqual([code])
    expect(server.connections).toBe(1)
  })

  it("reconnects after a temporary refusal", async () => {
    server.refuse = { code: "unavailable" }
    const run = connect().startRun({ intent: "patient" })
    await server.until(() => server.connections === 1)
    server.refuse = undefined
    expect(await run.started()).toBeDefined()
    expect(codes()).toEqual(["unreachable"])
  })
})

describe("the agent's loop", () => {
  it("never sees an exception, no matter what is recorded or when", async () => {
    const run = connect({
      onError: () => {
        throw new Error("a bad handler")
      },
      logger: { warn: () => {} },
    }).startRun({ intent: "rough" })
    run.turn(null as never)
    run.turn({ output: new Proxy({}, { get: () => { throw new Error("no") } }) }) // biome-ignore format: one line says it
    run.progress({ tool: Symbol("x") } as never)
    await run.complete({ status: "what" as never })
    run.turn({ message: "after the end" })
    run.progress(null)
    expect(server.run).toMatchObject({ status: "completed", outcome: { status: "done" } })
  })

  it("throws with throwErrors, once the run can't continue", async () => {
    const run = connect({ throwErrors: true }).startRun({ intent: "strict" })
    await run.started()
    server.run.status = "incomplete"
    run.turn({ message: "lost" })
    await expect(run.flush()).rejects.toMatchObject({ code: "already_terminal" })
    expect(() => run.turn({ message: "more" })).toThrow(expect.objectContaining({ code: "already_terminal" }))
    await expect(run.complete({ status: "done" })).rejects.toMatchObject({ code: "already_terminal" })
  })

  it("isn't blocked by a server that doesn't reply", async () => {
    server.intercept = () => "ignore"
    const agent = connect()
    const run = agent.startRun({ intent: "silence" })
    run.turn({ message: "waits" })
    expect(await run.complete({ status: "done" }, 1)).toBe(false)
    expect(await agent.close(1)).toBe(false)
    expect(errors).toMatchObject([{ code: "undelivered", dropped_turns: 1 }])
  })

  it("reports a turn recorded after the end, once", async () => {
    const run = connect().startRun({ intent: "over" })
    await run.complete({ status: "done" })
    run.turn({ message: "a" })
    run.turn({ message: "b" })
    expect(codes()).toEqual(["closed"])
    expect(server.run.turns).toEqual([])
  })

  it("is notified of a cancel request once, even if it arrives before the reply with the run's id", async () => {
    server.intercept = ({ event }) => {
      if (event === "runs.start")
        server.emit("runs.cancel_requested", {
          run_id: "run-1",
          reason: "enough",
          requested_at: "2026-01-01T00:00:00.000Z",
        })
      return undefined
    }
    const run = connect().startRun({ intent: "cancel me" })
    const reasons: unknown[] = []
    run.onCancel((request) => reasons.push(request.reason))
    run.onCancel(() => {
      throw new Error("a bad handler")
    })
    await run.started()
    await new Promise<void>((resolve) => {
      if (run.signal.aborted) resolve()
      else run.signal.addEventListener("abort", () => resolve())
    })
    server.cut()
    run.turn({ message: "after the cut" })
    await run.flush()
    expect(reasons).toEqual(["enough"])
    expect(run.signal.reason).toMatchObject({ code: "cancelled", message: "enough" })
    expect(codes().filter((code) => code === "callback_failed")).toHaveLength(1)
  })
})
