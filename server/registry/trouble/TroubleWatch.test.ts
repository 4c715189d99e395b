import { describe, expect, test } from "vitest"
import type { CommandPayload } from "@/lib/protocol/catalog"
import type { RunSummary } from "@/lib/protocol/run"
import { anOwner, aPrincipal } from "@/lib/testing/builders"
import { fakeClock, settle } from "@/lib/testing/fakeClock"
import { registryWorld } from "@/lib/testing/registryWorld"
import { LiveRuns } from "@/server/registry/live/LiveRuns"
import { RunQueries } from "@/server/registry/RunQueries"
import { RunRegistry } from "@/server/registry/RunRegistry"
import type { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"

type World = ReturnType<typeof registryWorld>
type Turn = CommandPayload<"runs.record_turns">["turns"][number]

const everyone = aPrincipal()
const MINUTE = 60_000
const failure = (message: string): Turn => ({ kind: "tool", tool: "fetch", error: { message } })
const call = (parameters: Turn["parameters"], tool = "bash"): Turn => ({ kind: "tool", tool, parameters })

async function start(w: World, labels: Record<string, string> = {}, owner = anOwner()): Promise<string> {
  const reply = await w.registry.start(owner, everyone, { intent: "x", agent_id: "a", labels })
  if (!reply.ok) throw new Error(reply.error.message)
  return reply.run_id
}

const record = (w: World, run_id: string, turns: Turn[], owner = anOwner()) =>
  w.registry.recordTurns(owner, everyone, { run_id, turns })

async function summary(w: World, run_id: string): Promise<RunSummary> {
  const run = await w.queries.get(everyone, run_id)
  if (run === undefined) throw new Error("the run doesn't exist")
  return run
}

const kinds = async (w: World, run_id: string) =>
  (await summary(w, run_id)).trouble?.map(({ kind }) => kind) ?? []

/** Returns the kinds of trouble in a run's published changes, without repetitions. */
function published(w: World, run_id: string): string[] {
  const texts = w.calls.flatMap((each) =>
    each[0] === "runChanged" && each[1].run_id === run_id
      ? [(each[1].trouble ?? []).map(({ kind }) => kind).join(" ")]
      : [],
  )
  return texts.filter((text, at) => text !== texts[at - 1])
}

describe("errors", () => {
  test("three within the window, with the text of the last one, until they are too old", async () => {
    const w = registryWorld()
    const run_id = await start(w)
    await record(w, run_id, [failure("one"), failure("two")])
    expect(await kinds(w, run_id)).toEqual([])
    await record(w, run_id, [failure("429 quota of tenant 118\nretry later")])
    expect((await summary(w, run_id)).trouble).toEqual([
      {
        kind: "errors",
        since: "2026-01-01T00:00:00.000Z",
        text: "429 quota of tenant 118",
        count: 3,
        window_ms: 300_000,
      },
    ])
    expect((await summary(w, run_id)).last_error).toEqual({
      text: "429 quota of tenant 118",
      index: 2,
      at: "2026-01-01T00:00:00.000Z",
    })
    w.clock.advance(2 * MINUTE)
    await record(w, run_id, [call("ok")])
    w.clock.advance(3 * MINUTE + 10_000)
    expect(published(w, run_id)).toEqual(["", "errors", "errors silent", "silent"])
    expect(await kinds(w, run_id)).not.toContain("errors")
  })

  test("a fifth of the last twenty turns, however slowly they arrive", async () => {
    const w = registryWorld()
    const run_id = await start(w)
    for (let n = 0; n < 20; n++) {
      await record(w, run_id, [n % 5 === 4 ? failure("no") : call(n)])
      w.clock.advance(3 * MINUTE - 1)
    }
    expect(await kinds(w, run_id)).toEqual(["errors"])
    await record(w, run_id, [call(1), call(2), call(3), call(4), call(5)])
    expect(await kinds(w, run_id)).toEqual([])
  })
})

describe("silent and hanging", () => {
  test("a connected agent that sends nothing for three minutes is silent until it sends something", async () => {
    const w = registryWorld()
    const owner = anOwner()
    const run_id = await start(w, {}, owner)
    w.clock.advance(12 * MINUTE)
    expect((await summary(w, run_id)).trouble).toEqual([
      { kind: "silent", since: "2026-01-01T00:00:00.000Z", text: "silent for 12m" },
    ])
    await w.registry.reportProgress(owner, everyone, { run_id, progress: { kind: "model" } })
    expect(published(w, run_id)).toEqual(["", "silent", ""])
  })

  test("a tool that runs for ten minutes hangs; an agent that waits for a person is neither silent nor hanging", async () => {
    const w = registryWorld()
    const owner = anOwner()
    const run_id = await start(w, {}, owner)
    const waiting = await start(w, {}, owner)
    await w.registry.reportProgress(owner, everyone, { run_id, progress: { tool: "bash" } })
    await w.registry.reportProgress(owner, everyone, {
      run_id: waiting,
      progress: { tool: "bash", waiting_for: "approval of: git push" },
    })
    w.clock.advance(9 * MINUTE)
    expect(await kinds(w, run_id)).toEqual([])
    w.clock.advance(3 * MINUTE)
    expect((await summary(w, run_id)).trouble).toEqual([
      { kind: "hanging", since: "2026-01-01T00:00:00.000Z", text: "bash for 12m" },
    ])
    expect(await kinds(w, waiting)).toEqual([])
    await record(w, run_id, [call("done")], owner)
    expect(await kinds(w, run_id)).toEqual([])
  })

  test("a tool doesn't run for longer than its run, whatever its agent's clock says", async () => {
    const w = registryWorld()
    const owner = anOwner()
    const run_id = await start(w, {}, owner)
    const started_at = new Date(w.clock.now() - 11 * MINUTE).toISOString()
    w.clock.advance(3 * MINUTE)
    await w.registry.reportProgress(owner, everyone, { run_id, progress: { tool: "bash", started_at } })
    expect(await kinds(w, run_id)).toEqual([])
    expect((await summary(w, run_id)).activity?.since).toBe("2026-01-01T00:00:00.000Z")
    w.clock.advance(8 * MINUTE)
    expect((await summary(w, run_id)).trouble).toEqual([
      { kind: "hanging", since: "2026-01-01T00:00:00.000Z", text: "bash for 11m" },
    ])
  })

  test("a jump of the wall clock doesn't cause trouble", async () => {
    const w = registryWorld()
    const owner = anOwner()
    const run_id = await start(w, {}, owner)
    await w.registry.reportProgress(owner, everyone, { run_id, progress: { tool: "bash" } })
    w.clock.jump(3_600_000)
    w.clock.advance(1_000)
    expect(await kinds(w, run_id)).toEqual([])
  })
})

describe("looping", () => {
  test("the same call with the same parameters four times in a row, in any order of their keys", async () => {
    const w = registryWorld()
    const run_id = await start(w)
    await record(w, run_id, [call({ a: 1, b: 2 }), call({ b: 2, a: 1 }), call({ a: 1, b: 2 })])
    await record(w, run_id, [{ kind: "model", message: "again" }])
    expect(await kinds(w, run_id)).toEqual([])
    await record(w, run_id, [call({ a: 1, b: 2 })])
    expect((await summary(w, run_id)).trouble).toMatchObject([
      { kind: "looping", text: "same call 4×", count: 4 },
    ])
    await record(w, run_id, [call({ a: 1, b: 3 })])
    expect(await kinds(w, run_id)).toEqual([])
  })

  test("a cycle of calls", async () => {
    const w = registryWorld()
    const run_id = await start(w)
    for (let n = 0; n < 4; n++) await record(w, run_id, [call("edit"), call("test"), call("look", "read")])
    expect((await summary(w, run_id)).trouble).toMatchObject([{ kind: "looping", text: "same 3 calls 4×" }])
  })
})

describe("disconnected", () => {
  test("from when the connection closes until the agent returns", async () => {
    const w = registryWorld()
    const owner = anOwner()
    const run_id = await start(w, {}, owner)
    w.registry.ownerClosed(owner)
    expect((await summary(w, run_id)).trouble).toMatchObject([{ kind: "disconnected" }])
    await w.registry.start(anOwner("o2"), everyone, { run_id })
    expect(published(w, run_id)).toEqual(["", "disconnected", ""])
  })
})

describe("costly", () => {
  test("over its budget, as soon as one is set", async () => {
    const w = registryWorld()
    const owner = anOwner()
    const run_id = await start(w, { budget_usd: "2" }, owner)
    await record(w, run_id, [{ kind: "model", message: "x", cost_usd: 2 }], owner)
    expect(await kinds(w, run_id)).toEqual([])
    await w.registry.update(owner, everyone, { run_id, labels: { budget_usd: "$1.50" } })
    expect((await summary(w, run_id)).trouble).toMatchObject([
      { kind: "costly", text: "$2.00, over its budget of $1.50" },
    ])
  })

  test("five times the median of its agent's last runs", async () => {
    const w = registryWorld()
    const spend = async (cost_usd: number) => {
      const run_id = await start(w)
      await record(w, run_id, [{ kind: "model", message: "x", cost_usd }])
      return run_id
    }
    for (const cost of [4, 5, 6]) {
      const run_id = await spend(cost)
      await w.registry.complete(anOwner(), everyone, { run_id, outcome: { status: "success" } })
    }
    const [usual, costly] = [await spend(25), await spend(291)]
    await w.clock.advanceAsync(3_000)
    expect(await kinds(w, usual)).toEqual([])
    expect((await summary(w, costly)).trouble).toMatchObject([
      { kind: "costly", text: "$291, 58× the usual" },
    ])
  })
})

describe("lists", () => {
  test("the filter and the counts include the runs in trouble", async () => {
    const w = registryWorld()
    const run_id = await start(w)
    await start(w)
    await record(w, run_id, [failure("a"), failure("b"), failure("c")])
    const reply = await w.queries.list(everyone, { trouble: true })
    expect(reply).toMatchObject({ ok: true, runs: [{ run_id }], counts: { in_progress: 2, trouble: 1 } })
    await w.registry.complete(anOwner(), everyone, { run_id, outcome: { status: "failure" } })
    expect(await w.queries.list(everyone, { trouble: true })).toMatchObject({
      runs: [],
      counts: { trouble: 0 },
    })
    const ended = await summary(w, run_id)
    expect(ended.trouble).toBeUndefined()
    expect(ended.last_error).toMatchObject({ text: "c", index: 2 })
  })
})

describe("after a restart", () => {
  test("errors and loops are found in the stored turns, and turns stored in the meantime count once", async () => {
    const w = registryWorld()
    const run_id = await start(w)
    for (let n = 0; n < 3; n++) await record(w, run_id, [failure("429"), call("x")])
    await record(w, run_id, [call("x"), call("x"), call("x")])
    await w.registry.close()
    const next = restarted(w)
    const opening = next.registry.open()
    await opening
    await next.registry.start(anOwner("o2"), everyone, { run_id })
    await record(next, run_id, [call("x")], anOwner("o2"))
    await settle()
    expect((await summary(next, run_id)).trouble).toMatchObject([
      { kind: "errors", text: "429", count: 3 },
      { kind: "looping", text: "same call 5×" },
    ])
    expect((await summary(next, run_id)).last_error).toMatchObject({ text: "429", index: 4 })
  })

  test("a run isn't in trouble while its agent may be reconnecting", async () => {
    const w = registryWorld({ limits: { graceMs: MINUTE } })
    const run_id = await start(w)
    await w.registry.close()
    const next = restarted(w, MINUTE)
    await next.registry.open()
    expect(await kinds(next, run_id)).toEqual([])
    next.clock.advance(6_000)
    expect(await kinds(next, run_id)).toEqual(["disconnected"])
  })
})

/** Creates another registry on the store of a closed one. */
function restarted(w: World, graceMs = w.limits.graceMs): World {
  const clock = fakeClock(w.clock.now())
  const store = w.store as MemoryRunStore
  const live = new LiveRuns(clock)
  const registry = new RunRegistry({
    store,
    clock,
    limits: { ...w.limits, graceMs },
    listener: w.listener,
    live,
  })
  return { ...w, clock, live, registry, queries: new RunQueries({ store, live, clock }) }
}

test("with 1,200 idle runs, only one timer is pending, and each run is checked once", async () => {
  const w = registryWorld()
  const owner = anOwner()
  const ids = await Promise.all(Array.from({ length: 1_200 }, () => start(w, {}, owner)))
  expect(w.clock.timers).toBe(1)
  w.calls.length = 0
  w.clock.advance(4 * MINUTE)
  expect(w.calls).toHaveLength(1_200)
  expect(await kinds(w, ids[1_199] ?? "")).toEqual(["silent"])
  expect(w.clock.timers).toBe(0)
})
