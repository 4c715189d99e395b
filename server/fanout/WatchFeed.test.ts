import { expect, test } from "vitest"
import type { ListRuns } from "@/lib/protocol/commands"
import type { RegistryEvent } from "@/lib/protocol/events"
import { anOwner, aPrincipal, aTurn, aViewer } from "@/lib/testing/builders"
import { settle } from "@/lib/testing/fakeClock"
import { fanoutWorld } from "@/lib/testing/fanoutWorld"
import type { MemorySubscriber } from "@/lib/testing/memorySubscriber"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { StoreUnavailableError } from "@/server/store/RunStore"

const everyone = aPrincipal()
const owner = anOwner()
type World = ReturnType<typeof fanoutWorld>

async function start(w: World, agent_id = "a"): Promise<string> {
  const started = await w.registry.start(owner, everyone, { intent: "x", agent_id })
  return started.ok ? started.run_id : ""
}
const append = (w: World, run_id: string) =>
  w.registry.recordTurns(owner, everyone, { run_id, turns: [aTurn()] })
const end = (w: World, run_id: string, status: "done" | "failure" = "done") =>
  w.registry.complete(owner, everyone, { run_id, outcome: { status } })

async function watch(w: World, viewer: MemorySubscriber, payload: ListRuns = {}, principal = everyone) {
  const { reply, begin } = await w.fanout.watch(viewer, principal, payload)
  begin?.()
  return reply
}
const events = (viewer: MemorySubscriber) =>
  viewer.received.flatMap(({ name, payload }) =>
    name === "runs.registry.event" ? [payload as RegistryEvent] : [],
  )
const shown = (viewer: MemorySubscriber) =>
  events(viewer).flatMap(({ upserts }) => upserts.map((run) => run.run_id))
const removed = (viewer: MemorySubscriber) => events(viewer).flatMap((event) => event.removed)

test("replies with the first page, then sends the newest version of changed runs", async () => {
  const w = fanoutWorld()
  const run_id = await start(w)
  const viewer = w.subscriber("v")
  expect(await watch(w, viewer)).toMatchObject({ ok: true, runs: [{ run_id }], counts: { in_progress: 1 } })
  await append(w, run_id)
  await append(w, run_id)
  await w.clock.advanceAsync(10)
  expect(events(viewer)).toMatchObject([
    {
      upserts: [{ run_id, cursor: 2, connected: true }],
      removed: [],
      counts: { in_progress: 1 },
      server_time: expect.any(String),
    },
  ])
})

test("sends a change that happens between reading the first page and the reply", async () => {
  const store = new MemoryRunStore()
  const w = fanoutWorld({ store })
  const list = store.list.bind(store)
  store.list = async (query) => {
    const page = await list(query)
    await start(w)
    return page
  }
  const viewer = w.subscriber("v")
  expect(await watch(w, viewer)).toMatchObject({ runs: [] })
  await w.clock.advanceAsync(10)
  expect(shown(viewer)).toHaveLength(1)
})

test("sends at most ten events per second", async () => {
  const w = fanoutWorld()
  const viewer = w.subscriber("v")
  await watch(w, viewer)
  const run_id = await start(w)
  for (let ms = 0; ms < 2_000; ms += 5) {
    await append(w, run_id)
    await w.clock.advanceAsync(5)
  }
  expect(events(viewer).length).toBeLessThanOrEqual(21)
  expect(events(viewer).length).toBeGreaterThanOrEqual(18)
})

test("sends only runs that match, and removes listed ones that no longer do", async () => {
  const w = fanoutWorld()
  const mine = await start(w)
  const viewer = w.subscriber("v")
  await watch(w, viewer, { status: ["in_progress"], agent_id: "a" })
  const other = await start(w, "b")
  await append(w, other)
  await end(w, other)
  const brief = await start(w)
  await end(w, brief)
  await end(w, mine)
  await w.clock.advanceAsync(500)
  expect(shown(viewer)).toEqual([])
  expect(removed(viewer)).toEqual([mine])
})

test("S7: never sends runs that the viewer may not read, nor their ids", async () => {
  const w = fanoutWorld()
  const viewer = w.subscriber("v")
  await watch(w, viewer, {}, aViewer({ read: ["a"] }))
  const [foreign] = [await start(w, "b"), await start(w, "a")]
  await end(w, foreign)
  await w.registry.delete(everyone, { run_id: foreign })
  await w.clock.advanceAsync(3_000)
  expect(events(viewer).flatMap(({ upserts }) => upserts.map((run) => run.agent_id))).toEqual(["a"])
  expect(removed(viewer)).toEqual([])
})

test("removes a deleted run and no longer counts it", async () => {
  const w = fanoutWorld()
  const run_id = await start(w)
  await end(w, run_id)
  const viewer = w.subscriber("v")
  await watch(w, viewer)
  await w.registry.delete(everyone, { run_id })
  await w.clock.advanceAsync(2_000)
  expect(removed(viewer)).toEqual([run_id])
  expect(events(viewer).at(-1)?.counts).toMatchObject({ completed: 0 })
})

test("removes a run that is deleted while the list is being read", async () => {
  const store = new MemoryRunStore()
  const w = fanoutWorld({ store })
  const run_id = await start(w)
  await end(w, run_id)
  const list = store.list.bind(store)
  store.list = async (query) => {
    store.list = list
    const found = await list(query)
    await w.registry.delete(everyone, { run_id })
    return found
  }
  const viewer = w.subscriber("v")
  expect(await watch(w, viewer)).toMatchObject({ runs: [{ run_id }] })
  await w.clock.advanceAsync(2_000)
  expect(removed(viewer)).toEqual([run_id])
})

test("sends current counts within a second of the last change, without counting for every event", async () => {
  const store = new MemoryRunStore()
  const w = fanoutWorld({ store })
  let counted = 0
  const count = store.count.bind(store)
  store.count = (query) => {
    counted += 1
    return count(query)
  }
  const viewers = ["v1", "v2", "v3"].map((id) => w.subscriber(id))
  for (const viewer of viewers) await watch(w, viewer, { failed_since: "2025-01-01T00:00:00.000Z" })
  counted = 0
  for (let at = 0; at < 30; at++) {
    await end(w, await start(w), "failure")
    await w.clock.advanceAsync(100)
  }
  expect(counted).toBeLessThanOrEqual(5)
  await w.clock.advanceAsync(1_100)
  for (const viewer of viewers) {
    expect(events(viewer).at(-1)?.counts).toEqual({
      in_progress: 0,
      completed: 30,
      incomplete: 0,
      waiting: 0,
      trouble: 0,
      failed: 30,
    })
  }
  const before = viewers.map((viewer) => events(viewer).length)
  await w.clock.advanceAsync(10_000)
  expect(viewers.map((viewer) => events(viewer).length)).toEqual(before)
})

test("says which counts of a search aren't exact, in the reply and in every event", async () => {
  const store = new MemoryRunStore()
  const w = fanoutWorld({ store })
  let isSure = false
  const list = store.list.bind(store)
  store.list = async (query) => ({
    ...(await list(query)),
    ...(!isSure && { countsAreExact: false as const }),
  })
  const run_id = await start(w)
  const viewer = w.subscriber("v")
  expect(await watch(w, viewer, { q: "x" })).toMatchObject({ counts_are_exact: false })
  await end(w, run_id)
  await w.clock.advanceAsync(2_000)
  expect(events(viewer).at(-1)).toMatchObject({ counts: { completed: 1 }, counts_are_exact: false })
  isSure = true
  await start(w)
  await w.clock.advanceAsync(2_000)
  expect(events(viewer).at(-1)).toMatchObject({ counts: { in_progress: 1 } })
  expect(events(viewer).at(-1)).not.toHaveProperty("counts_are_exact")
})

test("counts and filters runs that wait", async () => {
  const w = fanoutWorld()
  const run_id = await start(w)
  const viewer = w.subscriber("v")
  await watch(w, viewer, { waiting: true })
  await w.registry.reportProgress(owner, everyone, { run_id, progress: { waiting_for: "you" } })
  await w.clock.advanceAsync(1_500)
  expect(events(viewer).at(-1)).toMatchObject({ counts: { waiting: 1 } })
  expect(new Set(shown(viewer))).toEqual(new Set([run_id]))
  await append(w, run_id)
  await w.clock.advanceAsync(1_500)
  expect(removed(viewer)).toEqual([run_id])
  expect(events(viewer).at(-1)?.counts).toMatchObject({ waiting: 0 })
})

test("sends nothing to a viewer that doesn't read, and the newest version of a run when it reads again", async () => {
  const w = fanoutWorld()
  const run_id = await start(w)
  const viewer = w.subscriber("v", { stalled: true })
  await watch(w, viewer)
  viewer.mark("queued")
  for (let at = 0; at < 50; at++) {
    await append(w, run_id)
    await w.clock.advanceAsync(100)
  }
  expect(viewer.waiting).toBe(1)
  viewer.resume()
  await w.clock.advanceAsync(100)
  expect(events(viewer)).toMatchObject([{ upserts: [{ cursor: 50 }] }])
})

test("loses nothing if the viewer stops reading while an event is being prepared", async () => {
  const store = new MemoryRunStore()
  const w = fanoutWorld({ store })
  const viewer = w.subscriber("v")
  await watch(w, viewer)
  const run_id = await start(w)
  await end(w, run_id)
  const getMany = store.getMany.bind(store)
  store.getMany = (run_ids) => {
    viewer.stall()
    viewer.mark("queued")
    return getMany(run_ids)
  }
  await w.clock.advanceAsync(50)
  expect(events(viewer)).toEqual([])
  store.getMany = getMany
  viewer.resume()
  await w.clock.advanceAsync(2_000)
  expect(shown(viewer)).toEqual([run_id])
})

test("doesn't count because of turns", async () => {
  const store = new MemoryRunStore()
  const w = fanoutWorld({ store })
  const run_id = await start(w)
  const viewer = w.subscriber("v")
  await watch(w, viewer)
  store.count = () => Promise.reject(new Error("counted"))
  for (let at = 0; at < 5; at++) {
    await append(w, run_id)
    await w.clock.advanceAsync(2_000)
  }
  expect(shown(viewer)).toHaveLength(5)
})

test("sends at most 200 runs per event, then the rest", async () => {
  const w = fanoutWorld()
  const viewer = w.subscriber("v")
  await watch(w, viewer)
  for (let at = 0; at < 450; at++) await start(w)
  await w.clock.advanceAsync(3_000)
  expect(
    events(viewer)
      .map((event) => event.upserts.length)
      .filter((count) => count > 0),
  ).toEqual([200, 200, 50])
  expect(new Set(shown(viewer)).size).toBe(450)
})

test("replaces the previous watch, and ends with unwatch", async () => {
  const w = fanoutWorld()
  const viewer = w.subscriber("v")
  await watch(w, viewer, { agent_id: "a" })
  await watch(w, viewer, { agent_id: "b" })
  const [, b] = [await start(w, "a"), await start(w, "b")]
  await w.clock.advanceAsync(500)
  expect(new Set(shown(viewer))).toEqual(new Set([b]))
  expect(w.fanout.unwatch(viewer)).toBe(true)
  expect(w.fanout.unwatch(viewer)).toBe(false)
  const before = events(viewer).length
  await start(w, "b")
  await w.clock.advanceAsync(5_000)
  expect(events(viewer)).toHaveLength(before)
})

test("delays events while the store can't be read, and loses nothing", async () => {
  const store = new MemoryRunStore()
  const w = fanoutWorld({ store })
  const viewer = w.subscriber("v")
  await watch(w, viewer)
  const getMany = store.getMany.bind(store)
  store.getMany = () => Promise.reject(new StoreUnavailableError())
  const run_id = await start(w)
  await end(w, run_id)
  await w.clock.advanceAsync(5_000)
  expect(events(viewer)).toEqual([])
  store.getMany = getMany
  await w.clock.advanceAsync(1_100)
  expect(shown(viewer)).toEqual([run_id])
})

test("drops a watch whose viewer disconnects before the first page", async () => {
  const w = fanoutWorld()
  const viewer = w.subscriber("v")
  const answering = w.fanout.watch(viewer, everyone, {})
  viewer.cut()
  w.fanout.remove(viewer)
  ;(await answering).begin?.()
  await start(w)
  await settle()
  await w.clock.advanceAsync(5_000)
  expect(w.fanout.stats().watches).toBe(0)
  expect(w.clock.timers).toBe(1)
})
