import { describe, expect, test, vi } from "vitest"
import type { Principal } from "@/lib/protocol/access"
import { settle } from "@/lib/testing/fakeClock"
import { registryWorld } from "@/lib/testing/registryWorld"
import { seededRandom } from "@/lib/testing/seededRandom"
import { MemoryIngestStore } from "@/server/store/memory/MemoryIngestStore"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { type RunStore, StoreUnavailableError } from "@/server/store/RunStore"
import { IngestError } from "./IngestError"
import { IngestService } from "./IngestService"
import { toOtlpJson } from "./otlp/otlpJson"
import { readJson } from "./otlp/readJson"
import { agentTrace, span, traces } from "./testing/agentTrace"
import type { TracesJson } from "./testing/encodeOtlp"

const TRACE = "0af7651916cd43dd8448eb211c80319c"
const SETTINGS = {
  holdMs: 1_000,
  settleMs: 6_000,
  gapMs: 120_000,
  silenceMs: 600_000,
  maxBytes: 1_000_000,
  maxUnpackedBytes: 1_000_000,
  maxStateBytes: 100_000_000,
}
const AGENT: Principal = {
  token_id: "t1",
  name: "agent",
  write: ["*"],
  read: [],
  control: false,
  mint: false,
}

function records(trace: TracesJson) {
  return toOtlpJson(readJson(JSON.stringify(trace), "traces").records, undefined)
}

/** Splits a trace into requests with one record each, in sending order. */
function oneByOne(trace: TracesJson): TracesJson[] {
  return trace.resourceSpans.flatMap((group) =>
    group.scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({ resourceSpans: [{ ...group, scopeSpans: [{ scope, spans: [span] }] }] })),
    ),
  )
}

/** A server's registry and ingest. The stores can be passed to the next server, as after a restart. */
function world(stores: { runs?: RunStore; ingest?: MemoryIngestStore; maxStateBytes?: number } = {}) {
  const runs = stores.runs ?? new MemoryRunStore()
  const ingest = stores.ingest ?? new MemoryIngestStore()
  const registry = registryWorld({ store: runs })
  const errors: unknown[] = []
  const dropped = { context: 0, run: 0 }
  const service = new IngestService({
    store: ingest,
    runs,
    registry: registry.registry,
    clock: registry.clock,
    settings: { ...SETTINGS, maxStateBytes: stores.maxStateBytes ?? SETTINGS.maxStateBytes },
    onDropped: (_dialect, what, count) => {
      dropped[what] += count
    },
    maxTurnBytes: 1_000_000,
    logError: (error) => errors.push(error),
  })
  const kept = async () => (await ingest.listRequests({ after: 0, limit: 1_000 })).length
  const turns = async () => {
    const { rows } = await runs.list({ readers: ["*"], filter: {}, limit: 10 })
    const found = await Promise.all(
      rows.map(
        async ({ run_id }) => (await runs.turns({ run_id, from: 0, limit: 100, maxBytes: 1e9 })).turns,
      ),
    )
    return { rows, turns: found.map((texts) => texts.map((text) => JSON.parse(text))) }
  }
  return { ...registry, runs, ingest, service, kept, turns, errors, dropped }
}

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`

/** Returns an agent's trace in which every span also has the given attribute. */
function traceWith(key: string, stringValue: string): TracesJson {
  const trace = agentTrace(TRACE)
  for (const group of trace.resourceSpans)
    for (const { spans } of group.scopeSpans)
      for (const span of spans) span.attributes = [...span.attributes, { key, value: { stringValue } }]
  return trace
}

describe("IngestService", () => {
  test.each(["gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.tool.call.arguments", "input.value"])(
    "excessively nested JSON in %s is stored as text",
    async (key) => {
      const { service, clock, turns, errors } = world()
      await service.accept(AGENT, "otlp", records(traceWith(key, nested(50_000))))
      await clock.advanceAsync(10_000)
      expect((await turns()).rows).toMatchObject([{ status: "completed" }])
      expect(errors).toEqual([])
    },
  )

  test("when a run is forgotten, its writer is dropped", async () => {
    const { service, clock } = world()
    await service.accept(AGENT, "otlp", records(agentTrace(TRACE)))
    await clock.advanceAsync(3_700_000)
    await service.accept(AGENT, "otlp", records(agentTrace("1".repeat(32))))
    await clock.advanceAsync(500)
    expect(service.figures().writers).toBe(1)
  })

  test("a stored request that can't be read is logged and doesn't prevent the server from starting", async () => {
    const { service, ingest, errors } = world()
    const stored = { received_at: 0, sender: JSON.stringify(AGENT), dialect: "otlp" }
    await ingest.addRequests({ ...stored, records: ["[null, 7]", "not JSON"] })
    await service.open()
    await service.accept(AGENT, "otlp", records(agentTrace(TRACE)))
    expect(errors.length).toBeGreaterThan(0)
  })

  test("after a restart, a run is found again even if the store is unavailable for a while, and no turn is stored twice", async () => {
    const before = world()
    const parts = oneByOne(agentTrace(TRACE))
    for (const part of parts.slice(0, -1)) await before.service.accept(AGENT, "otlp", records(part))
    await before.clock.advanceAsync(1_500)
    const stored = (await before.turns()).turns[0]?.length ?? 0
    expect(stored).toBeGreaterThan(0)

    const failing = vi.spyOn(before.runs, "turns")
    for (let n = 0; n < 3; n++) failing.mockRejectedValueOnce(new StoreUnavailableError("unavailable"))
    const after = world({ runs: before.runs, ingest: before.ingest })
    await after.registry.open()
    await after.service.open()
    await after.clock.advanceAsync(5_000)
    for (const part of parts) await after.service.accept(AGENT, "otlp", records(part))
    await after.clock.advanceAsync(10_000)
    const whole = world()
    await whole.service.accept(AGENT, "otlp", records(agentTrace(TRACE)))
    await whole.clock.advanceAsync(10_000)
    expect(failing.mock.calls.length).toBeGreaterThan(3)
    expect((await after.turns()).turns[0]).toHaveLength((await whole.turns()).turns[0]?.length ?? 0)
    expect(after.errors).toEqual([])
  })

  test("a request is kept until its run has ended, and then deleted", async () => {
    const { service, clock, kept } = world()
    await service.accept(AGENT, "otlp", records(agentTrace(TRACE)))
    await clock.advanceAsync(5_000)
    expect(await kept()).toBe(1)
    await clock.advanceAsync(2_000)
    await service.close()
    expect(await kept()).toBe(0)
  })

  test("requests without an AI span are kept for a minute, because they may be part of an agent's trace", async () => {
    const { service, clock, kept } = world()
    const web = agentTrace(TRACE)
    for (const span of web.resourceSpans[0]?.scopeSpans[0]?.spans ?? []) span.attributes = []
    await service.accept(AGENT, "otlp", records(web))
    await clock.advanceAsync(59_000)
    expect(await kept()).toBe(1)
    await clock.advanceAsync(2_000)
    await service.close()
    expect(await kept()).toBe(0)
  })

  test("after a kill, whenever it happens, no acknowledged record is lost and no turn is stored twice", async () => {
    const parts = oneByOne(agentTrace(TRACE))
    for (let killed = 1; killed <= parts.length; killed++) {
      for (const pause of [0, 1_500]) {
        const before = world()
        for (const part of parts.slice(0, killed)) await before.service.accept(AGENT, "otlp", records(part))
        await before.clock.advanceAsync(pause)
        // The first server isn't closed, as if its process had been killed. Its pending writes may or may not have
        // reached the store.
        await settle()
        const after = world({ runs: before.runs, ingest: before.ingest })
        await after.registry.open()
        await after.service.open()
        for (const part of parts.slice(Math.max(0, killed - 1)))
          await after.service.accept(AGENT, "otlp", records(part))
        await after.clock.advanceAsync(10_000)
        const { rows, turns } = await after.turns()
        expect(rows).toMatchObject([{ status: "completed", cursor: 3 }])
        expect(turns[0]?.map(({ kind, tool }) => tool ?? kind).sort()).toEqual(["model", "model", "weather"])
        await after.clock.advanceAsync(60_000)
        await after.service.close()
        expect(await after.kept()).toBe(0)
      }
    }
  })

  test("with records in any order, random repetitions and restarts, each call and tool is stored once", async () => {
    const random = seededRandom(7)
    for (let round = 0; round < 30; round++) {
      const parts = oneByOne(agentTrace(TRACE))
      const sent = [...parts, ...parts.filter(() => random.chance(0.3))].sort(() => random.next() - 0.5)
      let now = world()
      for (const part of sent) {
        await now.service.accept(AGENT, "otlp", records(part))
        if (random.chance(0.3)) await now.clock.advanceAsync(random.below(3_000))
        if (random.chance(0.2)) {
          // Waits for pending writes, because a killed process doesn't write anymore.
          await settle()
          now = world({ runs: now.runs, ingest: now.ingest })
          await now.registry.open()
          await now.service.open()
        }
      }
      await now.clock.advanceAsync(20_000)
      const { rows, turns } = await now.turns()
      expect(rows).toMatchObject([{ status: "completed", totals: { input_tokens: 30, model_turns: 2 } }])
      expect(turns[0]?.map(({ kind, tool }) => tool ?? kind).sort()).toEqual(["model", "model", "weather"])
    }
  })

  test("if the store can't commit, senders get 503 and the time after which to retry", async () => {
    class FullStore extends MemoryIngestStore {
      override async addRequests(): Promise<number[]> {
        throw new StoreUnavailableError("disk full")
      }
    }
    const { service } = world({ ingest: new FullStore() })
    const refused = service.accept(AGENT, "otlp", records(agentTrace(TRACE)))
    await expect(refused).rejects.toBeInstanceOf(IngestError)
    await expect(refused).rejects.toMatchObject({ status: 503, retryAfter: 5 })
  })

  test("turns wait while the store is unavailable and are stored afterwards", async () => {
    class FullStore extends MemoryRunStore {
      isFull = true
      override start(run: Parameters<MemoryRunStore["start"]>[0]) {
        return this.isFull ? Promise.reject(new StoreUnavailableError("disk full")) : super.start(run)
      }
    }
    const runs = new FullStore()
    const { service, clock, turns, kept } = world({ runs })
    await service.accept(AGENT, "otlp", records(agentTrace(TRACE)))
    await clock.advanceAsync(20_000)
    expect(service.figures()).toMatchObject({ requests: 1 })
    expect(service.figures().pending).toBeGreaterThan(0)
    runs.isFull = false
    await clock.advanceAsync(20_000)
    expect((await turns()).rows).toMatchObject([{ status: "completed", cursor: 3 }])
    await service.close()
    expect(await kept()).toBe(0)
  })

  test("senders get 503 while too many operations are waiting for the store", async () => {
    class StuckStore extends MemoryRunStore {
      override start() {
        return new Promise<never>(() => {})
      }
    }
    const { service } = world({ runs: new StuckStore() })
    const many = agentTrace(TRACE)
    const spans = many.resourceSpans[0]?.scopeSpans[0]?.spans
    const tool = spans?.[1]
    if (spans === undefined || tool === undefined) throw new Error("no spans")
    for (let index = 0; index < 12_000; index++)
      spans.push({
        ...tool,
        spanId: (index + 100).toString(16).padStart(16, "0"),
        attributes: tool.attributes.filter(({ key }) => key !== "gen_ai.tool.call.id"),
      })
    await service.accept(AGENT, "otlp", records(many))
    await service.accept(
      AGENT,
      "otlp",
      records(JSON.parse(JSON.stringify(many).replaceAll(TRACE, `${TRACE.slice(1)}f`))),
    )
    await expect(service.accept(AGENT, "otlp", records(agentTrace(TRACE)))).rejects.toMatchObject({
      status: 503,
    })
  })

  test("the state of all tokens together stays below the limit, and the runs that were silent longest are evicted", async () => {
    const maxStateBytes = 300_000
    const { service, clock, runs, turns, dropped, errors } = world({ maxStateBytes })
    const traceOf = (n: number) => TRACE.slice(0, -4) + String(n).padStart(4, "0")
    /**
     * Returns a part of the nth trace. The trace contains a tool call with long arguments, which are held until the
     * tool's result arrives.
     */
    const part = (n: number, at: number) => {
      const text = JSON.stringify(oneByOne(agentTrace(traceOf(n)))[at])
      const args = JSON.stringify(JSON.stringify({ text: "x".repeat(20_000) })).slice(1, -1)
      return records(JSON.parse(text.replace('\\"arguments\\":{}', `\\"arguments\\":${args}`)))
    }
    const tokens = [AGENT, { ...AGENT, token_id: "t2" }]
    for (let n = 0; n < 40; n++) {
      await service.accept(tokens[n % 2] ?? AGENT, "otlp", part(n, 0))
      await clock.advanceAsync(1_500)
      expect(service.figures().held).toBeLessThanOrEqual(maxStateBytes)
    }
    expect(dropped.run).toBeGreaterThan(20)
    const newest = await turns()
    expect(newest.rows.every(({ status }) => status === "in_progress")).toBe(true)
    // Further records of an evicted run continue it.
    await service.accept(AGENT, "otlp", part(0, 1))
    await clock.advanceAsync(1_500)
    const filter = { labels: { trace_id: traceOf(0) } }
    const { rows } = await runs.list({ readers: ["*"], filter, limit: 10 })
    expect(rows).toMatchObject([{ status: "in_progress", reopenings: 1, cursor: 3 }])
    expect(errors).toEqual([])
  })

  test("a run without further records ends as incomplete after ten minutes", async () => {
    const { service, clock, turns } = world()
    await service.accept(AGENT, "otlp", records(oneByOne(agentTrace(TRACE))[0] ?? agentTrace(TRACE)))
    await clock.advanceAsync(599_000)
    expect((await turns()).rows).toMatchObject([{ status: "in_progress" }])
    await clock.advanceAsync(2_000)
    expect((await turns()).rows).toMatchObject([{ status: "incomplete" }])
  })

  test("a run that a viewer deleted stays deleted", async () => {
    const { service, clock, turns, registry } = world()
    const parts = oneByOne(agentTrace(TRACE))
    await service.accept(AGENT, "otlp", records(agentTrace(TRACE)))
    await clock.advanceAsync(10_000)
    const [row] = (await turns()).rows
    await registry.delete({ ...AGENT, read: "all", control: true }, { run_id: row?.run_id ?? "" })
    await service.accept(AGENT, "otlp", records(parts[1] ?? agentTrace(TRACE)))
    await clock.advanceAsync(10_000)
    expect((await turns()).rows).toEqual([])
  })

  test("a deleted run stays deleted after a restart, even if its records were in one request with those of a run in progress", async () => {
    const before = world()
    const other = TRACE.replaceAll("0", "e")
    const both = agentTrace(TRACE)
    both.resourceSpans.push(...(oneByOne(agentTrace(other))[0]?.resourceSpans ?? []))
    await before.service.accept(AGENT, "otlp", records(both))
    await before.clock.advanceAsync(10_000)
    const { rows } = await before.turns()
    expect(rows.map(({ status }) => status).sort()).toEqual(["completed", "in_progress"])
    const ended = rows.find(({ status }) => status === "completed")?.run_id ?? ""
    await before.registry.delete({ ...AGENT, read: "all", control: true }, { run_id: ended })
    await settle()
    const kept = await before.ingest.listRequests({ after: 0, limit: 10 })
    expect(JSON.stringify(kept)).not.toContain(TRACE)
    const after = world({ runs: before.runs, ingest: before.ingest })
    await after.registry.open()
    await after.service.open()
    await after.clock.advanceAsync(10_000)
    expect((await after.turns()).rows).toMatchObject([{ status: "in_progress", cursor: 1 }])
  })

  test("late spans of an ended run that change nothing are dropped after a minute", async () => {
    const { service, clock, kept } = world()
    await service.accept(AGENT, "otlp", records(agentTrace(TRACE)))
    await clock.advanceAsync(10_000)
    for (let id = 50; id < 55; id++) {
      await service.accept(
        AGENT,
        "otlp",
        records(traces([span(TRACE, id, 3, "GET", 25, { "http.method": "GET" })])),
      )
      await clock.advanceAsync(5_000)
    }
    await clock.advanceAsync(61_000)
    await settle()
    expect(service.figures().requests).toBe(0)
    expect(await kept()).toBe(0)
  })

  test("a node that was declared dead stores no turn a second time and ends no run", async () => {
    const slow = world()
    const parts = oneByOne(agentTrace(TRACE))
    await slow.service.accept(AGENT, "otlp", records(parts[0] ?? agentTrace(TRACE)))
    await slow.clock.advanceAsync(2_000)
    const other = world({ runs: slow.runs, ingest: slow.ingest })
    await other.registry.open()
    await other.service.open()
    await other.service.accept(AGENT, "otlp", records(parts[1] ?? agentTrace(TRACE)))
    await other.clock.advanceAsync(2_000)
    // The slow node gets this request late, after the other node has stored its turn.
    await slow.service.accept(AGENT, "otlp", records(parts[1] ?? agentTrace(TRACE)))
    await slow.clock.advanceAsync(2_000)
    expect((await other.turns()).turns[0]).toHaveLength(2)
    slow.service.forget()
    expect(slow.service.figures()).toEqual({ pending: 0, requests: 0, held: 0, writers: 0 })
    await slow.clock.advanceAsync(700_000)
    expect((await other.turns()).rows).toMatchObject([{ status: "in_progress", cursor: 2 }])
  })

  test("a run that another node has taken over isn't ended when it has been silent here", async () => {
    const slow = world()
    await slow.service.accept(AGENT, "otlp", records(oneByOne(agentTrace(TRACE))[0] ?? agentTrace(TRACE)))
    await slow.clock.advanceAsync(2_000)
    const other = world({ runs: slow.runs, ingest: slow.ingest })
    await other.registry.open()
    await other.service.open()
    await other.service.accept(AGENT, "otlp", records(oneByOne(agentTrace(TRACE))[1] ?? agentTrace(TRACE)))
    await other.clock.advanceAsync(2_000)
    await slow.clock.advanceAsync(700_000)
    expect((await other.turns()).rows).toMatchObject([{ status: "in_progress" }])
  })
})
