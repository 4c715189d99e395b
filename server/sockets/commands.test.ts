import { afterEach, beforeEach, describe, expect, test } from "vitest"
import type { IngestNote, RunsError } from "@/lib/protocol/events"
import { aServer, aToken, type TestClient, type TestServer } from "@/lib/testing/aServer"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { StoreUnavailableError } from "@/server/store/RunStore"

let server: TestServer
let agent: TestClient
let viewer: TestClient

/** A client without types, for events and payloads that the types forbid. */
type Untyped = {
  emit(event: unknown, ...args: unknown[]): unknown
  emitWithAck(event: unknown, ...args: unknown[]): Promise<AnyReply>
}
type AnyReply = {
  ok: boolean
  run_id?: string
  dropped?: string
  error?: { code: string; [field: string]: unknown }
}
const untyped = (client: TestClient) => client as unknown as Untyped

async function aRun(client = agent, agent_id = "a"): Promise<string> {
  const started = await client.emitWithAck("runs.start", { intent: "test", agent_id })
  if (!started.ok) throw new Error(started.error.message)
  return started.run_id
}

const nextError = (client: TestClient) =>
  new Promise<RunsError>((resolve) => client.once("runs.error", resolve))

beforeEach(async () => {
  server = await aServer({ env: { TURNLINE_MAX_TURNS_PER_RUN: "3", TURNLINE_MAX_TURN_BYTES: "2048" } })
  agent = await server.connect(server.agent)
  viewer = await server.connect(server.viewer)
})
afterEach(() => server.close())

describe("error codes, over a real socket", () => {
  test("invalid_params, with the paths", async () => {
    expect(await untyped(agent).emitWithAck("runs.start", { agent_id: "a" })).toMatchObject({
      ok: false,
      error: { code: "invalid_params", issues: [{ path: "intent" }] },
    })
    expect(await untyped(agent).emitWithAck("runs.record_turns", { run_id: "r", turns: [] })).toEqual({
      ok: false,
      run_id: "r",
      base_index: 0,
      count: 0,
      error: expect.objectContaining({ code: "invalid_params" }),
    })
  })

  test.each([
    ["no.such.command", [{}]],
    ["error", [{}]],
    ["__proto__", [{}]],
    ["constructor", [{}]],
    ["message", ["text"]],
    [5, [{}]],
    ["runs.list", [null]],
    ["runs.list", [[]]],
    ["runs.list", [{}, {}]],
  ])("event %s with %j is invalid_params", async (event, args) => {
    expect(await untyped(agent).emitWithAck(event, ...args)).toMatchObject({
      ok: false,
      error: { code: "invalid_params" },
    })
  })

  test("S6: forbidden", async () => {
    const ci = await server.connect(await aToken(server.accessStore, { write: ["ci/*"] }))
    const forbidden = { ok: false, error: { code: "forbidden" } }
    expect(await ci.emitWithAck("runs.start", { intent: "x", agent_id: "prod" })).toMatchObject(forbidden)
    expect(await viewer.emitWithAck("runs.start", { intent: "x", agent_id: "a" })).toMatchObject(forbidden)
    expect(await agent.emitWithAck("runs.cancel", { run_id: "r" })).toMatchObject(forbidden)
    expect(await agent.emitWithAck("runs.delete", { run_id: "r" })).toMatchObject(forbidden)
    expect(await agent.emitWithAck("ingest.watch", {})).toMatchObject(forbidden)
  })

  test("I29 S5: not_found, the same for unknown runs and those of others", async () => {
    const run_id = await aRun()
    const other = await server.connect(await aToken(server.accessStore, { write: ["b"] }))
    for (const [event, more] of [
      ["runs.start", {}],
      ["runs.subscribe", {}],
      ["runs.get_trace", {}],
      ["runs.get_turn", { index: 0 }],
      ["runs.get_outline", {}],
      ["runs.report_progress", { progress: null }],
      ["runs.complete", { outcome: { status: "done" } }],
      ["runs.record_turns", { turns: [{}] }],
    ] as const) {
      const [theirs, unknown] = [
        await untyped(other).emitWithAck(event, { run_id, ...more }),
        await untyped(other).emitWithAck(event, { run_id: "unknown", ...more }),
      ]
      expect(theirs.error?.code, event).toBe("not_found")
      expect({ ...theirs, run_id: "" }).toEqual({ ...unknown, run_id: "" })
    }
    expect(await other.emitWithAck("runs.unsubscribe", { run_id })).toMatchObject({
      ok: true,
      removed: false,
    })
  })

  test("S6: a viewer can't add turns to a trace", async () => {
    const run_id = await aRun()
    expect(await viewer.emitWithAck("runs.record_turns", { run_id, turns: [{}] })).toMatchObject({
      ok: false,
      dropped: "run_not_found",
      error: { code: "not_found" },
    })
  })

  test("I28: too_large, index_conflict and already_terminal, with the result of the batch", async () => {
    const run_id = await aRun()
    const record = (turns: object[], more = {}) =>
      agent.emitWithAck("runs.record_turns", { run_id, turns, ...more })
    expect(await record([{ message: "x".repeat(3_000) }])).toMatchObject({
      dropped: "turn_too_large",
      error: { code: "too_large" },
    })
    expect(await record([{}], { expected_index: 7 })).toMatchObject({
      dropped: "index_conflict",
      error: { code: "index_conflict", cursor: 0 },
    })
    expect(await record([{}, {}, {}])).toEqual({ ok: true, run_id, base_index: 0, count: 3 })
    expect(await record([{}])).toMatchObject({ dropped: "run_turn_limit", error: { code: "too_large" } })
    await agent.emitWithAck("runs.complete", { run_id, outcome: { status: "done" } })
    expect(await record([{}])).toMatchObject({ dropped: "run_terminal", error: { code: "already_terminal" } })
  })

  test("I5: unavailable while the store can't commit", async () => {
    const store = new MemoryRunStore()
    const ill = await aServer({ store })
    try {
      const client = await ill.connect(ill.agent)
      store.start = () => Promise.reject(new StoreUnavailableError("disk full at /secret/path"))
      const reply = await client.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
      expect(reply).toMatchObject({ ok: false, error: { code: "unavailable" } })
      expect(JSON.stringify(reply)).not.toContain("secret")
    } finally {
      await ill.close()
    }
  })

  test("S10: internal for an unexpected error, which is logged without its message and not revealed", async () => {
    const lines: string[] = []
    const store = new MemoryRunStore()
    const broken = await aServer({ store, log: (line) => lines.push(line) })
    try {
      const client = await broken.connect(broken.agent)
      store.start = () => {
        throw new TypeError("cannot read turn content")
      }
      const reply = await client.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
      expect(reply).toMatchObject({ ok: false, error: { code: "internal" } })
      expect(JSON.stringify(reply)).not.toContain("content")
      const logged = lines.find((line) => line.includes("a command failed")) ?? ""
      expect(logged).toContain("TypeError")
      expect(logged).not.toContain("turn content")
    } finally {
      await broken.close()
    }
  })

  test("S16: over the rate, commands of a connection wait, but not those of others", async () => {
    const slow = await aServer({ env: { TURNLINE_RATE_PER_SOCKET: "5" } })
    try {
      const client = await slow.connect(slow.viewer)
      const replies: boolean[] = []
      const all = Array.from({ length: 23 }, async () => {
        replies.push((await untyped(client).emitWithAck("runs.unwatch", {})).ok)
      })
      const other = await slow.connect(slow.viewer)
      expect(await other.emitWithAck("runs.unwatch", {})).toMatchObject({ ok: true })
      expect(replies.length).toBeLessThan(23)
      await Promise.all(all)
      expect(replies.every((ok) => ok)).toBe(true)
    } finally {
      await slow.close()
    }
  })
})

describe("without an acknowledgement", () => {
  test("a command is executed", async () => {
    const run_id = await aRun()
    agent.emit("runs.record_turns", { run_id, turns: [{ message: "kept" }] })
    const trace = await new Promise<unknown>((resolve) => {
      agent.emit("runs.record_turns", { run_id, turns: [{}] }, resolve)
    })
    expect(trace).toMatchObject({ ok: true, base_index: 1 })
  })

  test("a failure is sent as runs.error", async () => {
    const published = nextError(agent)
    agent.emit("runs.record_turns", { run_id: "unknown", turns: [{}] })
    expect(await published).toEqual({
      event: "runs.record_turns",
      run_id: "unknown",
      dropped: "run_not_found",
      error: expect.objectContaining({ code: "not_found" }),
    })
  })

  test("S10: an argument that isn't a function isn't an acknowledgement", async () => {
    const published = nextError(agent)
    untyped(agent).emit("runs.list", {}, "not a function")
    expect(await published).toMatchObject({ event: "runs.list", error: { code: "invalid_params" } })
  })
})

describe("a connection's commands", () => {
  test("I8: to one run are stored in sending order, even if many more are sent than may be in progress", async () => {
    const long = await aServer()
    try {
      const client = await long.connect(long.agent)
      const run_id = await aRun(client)
      const replies = await Promise.all(
        Array.from({ length: 200 }, (_, index) =>
          client.emitWithAck("runs.record_turns", { run_id, turns: [{ message: `${index}` }] }),
        ),
      )
      expect(replies.map((reply) => reply.ok && reply.base_index)).toEqual(
        Array.from({ length: 200 }, (_, index) => index),
      )
    } finally {
      await long.close()
    }
  })

  test("that an agent sends right before it disconnects are still executed", async () => {
    const long = await aServer()
    try {
      const client = await long.connect(long.agent)
      const watcher = await long.connect(long.viewer)
      const run_id = await aRun(client)
      const ended = new Promise((resolve) =>
        watcher.on("runs.trace.event", ({ record, cursor }) => record.record === "ended" && resolve(cursor)),
      )
      await watcher.emitWithAck("runs.subscribe", { run_id })
      for (let index = 0; index < 100; index++) client.emit("runs.record_turns", { run_id, turns: [{}] })
      client.emit("runs.complete", { run_id, outcome: { status: "done" } })
      client.disconnect()
      expect(await ended).toBe(100)
    } finally {
      await long.close()
    }
  })

  test("cause events for subscribers, after the reply to `runs.subscribe`", async () => {
    const run_id = await aRun()
    const seen: string[] = []
    const turn = new Promise((resolve) =>
      viewer.on("runs.trace.event", ({ record }) => {
        seen.push(record.record)
        if (record.record === "turns") resolve(record.turns)
      }),
    )
    const reply = await viewer.emitWithAck("runs.subscribe", { run_id })
    expect(reply).toMatchObject({ ok: true, agent_id: "a", cursor: 0, status: "in_progress" })
    await agent.emitWithAck("runs.record_turns", { run_id, turns: [{ message: "hello" }] })
    expect(await turn).toMatchObject([{ index: 0, message: "hello" }])
    expect(seen[0]).toBe("snapshot")
  })

  test("that request cancellation reach the owner", async () => {
    const run_id = await aRun()
    const asked = new Promise((resolve) => agent.once("runs.cancel_requested", resolve))
    expect(await viewer.emitWithAck("runs.cancel", { run_id, reason: "enough" })).toMatchObject({
      ok: true,
      delivered: true,
    })
    expect(await asked).toMatchObject({ run_id, reason: "enough" })
  })
})

describe("the ingest log", () => {
  test("records what arrived and what was refused, without content", async () => {
    const watched = await viewer.emitWithAck("ingest.watch", {})
    expect(watched).toMatchObject({ ok: true, recent: [] })
    const notes: IngestNote[] = []
    const published = new Promise<void>((resolve) =>
      viewer.on("ingest.event", (event) => {
        notes.push(...event.notes)
        if (notes.length >= 4) resolve()
      }),
    )
    const run_id = await aRun()
    await agent.emitWithAck("runs.record_turns", { run_id, turns: [{ message: "very secret" }] })
    await untyped(agent).emitWithAck("runs.record_turns", { run_id, turns: [["very secret"]] })
    await untyped(agent).emitWithAck("runs.recordTurns", { run_id })
    await published
    expect(notes).toMatchObject([
      { event: "runs.start", ok: true, agent_id: "a", run_id },
      { event: "runs.record_turns", ok: true, agent_id: "a", run_id, bytes: expect.any(Number) },
      { event: "runs.record_turns", ok: false, code: "invalid_params", issues: [{ path: "turns.0" }] },
      { event: "runs.recordTurns", ok: false, code: "invalid_params" },
    ])
    expect(notes[1]?.bytes).toBeGreaterThan(20)
    expect(JSON.stringify(notes)).not.toContain("secret")
  })

  test("logs a connection with an invalid token", async () => {
    await server.connect("tl_wrong").catch(() => undefined)
    const watched = await viewer.emitWithAck("ingest.watch", {})
    expect(watched.ok && watched.recent).toMatchObject([
      { event: "connect", ok: false, code: "unauthenticated" },
    ])
  })
})
