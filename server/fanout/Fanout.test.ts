import { describe, expect, test } from "vitest"
import type { TraceEvent } from "@/lib/protocol/events"
import { anOwner, aPrincipal, aRun, aTurn, aViewer } from "@/lib/testing/builders"
import { settle } from "@/lib/testing/fakeClock"
import { fanoutWorld } from "@/lib/testing/fanoutWorld"
import type { MemorySubscriber } from "@/lib/testing/memorySubscriber"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { StoreUnavailableError } from "@/server/store/RunStore"
import type { EncodedEvent } from "./Subscriber"

const everyone = aPrincipal()
const owner = anOwner()
type World = ReturnType<typeof fanoutWorld>

async function aRunIn(w: World, turns = 0, size = 0): Promise<string> {
  const started = await w.registry.start(owner, everyone, { intent: "x", agent_id: "a" })
  const run_id = started.ok ? started.run_id : ""
  for (let at = 0; at < turns; at++) await append(w, run_id, 1, size)
  return run_id
}

async function append(w: World, run_id: string, count = 1, size = 0): Promise<void> {
  for (let left = count; left > 0; left -= 256) {
    const turns = Array.from({ length: Math.min(left, 256) }, () => aTurn({ output: "x".repeat(size) }))
    const reply = await w.registry.recordTurns(owner, everyone, { run_id, turns })
    if (!reply.ok) throw new Error(JSON.stringify(reply))
  }
}

/** Notifies the fan-out of turns that another node has stored. */
const storeElsewhere = (w: World, run_id: string, cursor: number) => {
  const run = () => aRun({ run_id, agent_id: "a", cursor })
  w.fanout.turnsStored({ run_id, from: 0, count: cursor, run, turns: () => undefined })
}

const end = (w: World, run_id: string) =>
  w.registry.complete(owner, everyone, { run_id, outcome: { status: "done" } })

async function follow(
  w: World,
  subscriber: MemorySubscriber,
  run_id: string,
  cursor?: number,
  principal = everyone,
) {
  const payload = cursor === undefined ? { run_id } : { run_id, cursor }
  const { reply, begin } = await w.fanout.subscribe(subscriber, principal, payload)
  begin?.()
  await settle()
  return reply
}

/** A listener that does nothing. */
const ignoring = {
  turnsStored: () => {},
  follows: () => true,
  runChanged: () => {},
  progressChanged: () => {},
  runEnded: () => {},
  runDeleted: () => {},
}

/** Returns the events that a viewer received, abbreviated: `snapshot 0-3 more`, `turns 3-4`, `ended`. */
function eventsOf(subscriber: MemorySubscriber): string[] {
  return subscriber.received.map(({ name, payload }) => {
    if (name !== "runs.trace.event") return name
    const { record } = payload as TraceEvent
    if (record.record !== "snapshot" && record.record !== "turns") return record.record
    const range = `${record.record} ${record.from}-${record.from + record.turns.length}`
    return record.record === "snapshot" && record.more ? `${range} more` : range
  })
}

const traceEvents = (subscriber: MemorySubscriber) =>
  subscriber.received.flatMap(({ name, payload }) =>
    name === "runs.trace.event" ? [payload as TraceEvent] : [],
  )

/** A store whose commits wait for a promise. */
class HeldStore extends MemoryRunStore {
  readonly #free: Promise<void>

  constructor(free: Promise<void>) {
    super()
    this.#free = free
  }

  override async append(...batch: Parameters<MemoryRunStore["append"]>) {
    await this.#free
    return super.append(...batch)
  }
}

/** A store whose rows can report fewer turns than are stored. */
class OutdatedStore extends MemoryRunStore {
  shown: number | undefined

  override async get(run_id: string) {
    const row = await super.get(run_id)
    return row && { ...row, cursor: this.shown ?? row.cursor }
  }
}

describe("a subscription", () => {
  test("I13: a page has no turns beyond the known length of its run, even if a cached page has more", async () => {
    const store = new OutdatedStore()
    const written = fanoutWorld({ store })
    const run_id = await aRunIn(written, 5)
    const w = fanoutWorld({ store })
    const first = w.subscriber("first")
    await follow(w, first, run_id)
    expect(eventsOf(first)).toEqual(["snapshot 0-5"])
    w.fanout.remove(first)
    store.shown = 2
    const second = w.subscriber("second")
    await follow(w, second, run_id)
    expect(eventsOf(second)).toEqual(["snapshot 0-2"])
    storeElsewhere(w, run_id, 5)
    await settle()
    expect(eventsOf(second)).toEqual(["snapshot 0-2", "turns 2-5"])
  })

  test("replies with the run's cursor, then sends a snapshot, then new turns", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w, 2)
    const viewer = w.subscriber("v")
    expect(await follow(w, viewer, run_id)).toEqual({
      ok: true,
      run_id,
      agent_id: "a",
      cursor: 2,
      status: "in_progress",
      server_time: "2026-01-01T00:00:00.000Z",
    })
    await append(w, run_id)
    expect(eventsOf(viewer)).toEqual(["snapshot 0-2", "turns 2-3"])
    expect(traceEvents(viewer)[0]).toMatchObject({
      run_id,
      agent_id: "a",
      cursor: 2,
      record: { run: { cursor: 2 } },
    })
  })

  test("sends nothing before the reply, and loses nothing that happens before it", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w, 1)
    const viewer = w.subscriber("v")
    const { begin } = await w.fanout.subscribe(viewer, everyone, { run_id })
    await append(w, run_id)
    expect(eventsOf(viewer)).toEqual([])
    begin?.()
    await settle()
    expect(eventsOf(viewer)).toEqual(["snapshot 0-2"])
  })

  test("I17: with a cursor gets only later turns, or all if the cursor is beyond the run's", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w, 3)
    const [behind, even, beyond] = ["a", "b", "c"].map((id) => w.subscriber(id))
    if (!behind || !even || !beyond) throw new Error()
    await follow(w, behind, run_id, 2)
    await follow(w, even, run_id, 3)
    await follow(w, beyond, run_id, 4)
    expect([behind, even, beyond].map(eventsOf)).toEqual([
      ["snapshot 2-3"],
      ["snapshot 3-3"],
      ["snapshot 0-3"],
    ])
  })

  test("I15: gets the same bytes in pages as live", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const [live, late] = [w.subscriber("live"), w.subscriber("late")]
    await follow(w, live, run_id)
    const turns = [
      aTurn({ output: "é\u2028😀\u0000".repeat(9_000) }),
      aTurn({ extra: { __proto__: 1 }, n: 1e21 }),
    ]
    await w.registry.recordTurns(owner, everyone, { run_id, turns })
    await follow(w, late, run_id)
    const bytes = (viewer: MemorySubscriber) =>
      traceEvents(viewer)
        .flatMap(({ record }) => ("turns" in record ? record.turns : []))
        .map((turn) => JSON.stringify(turn))
    expect(bytes(live)).toHaveLength(2)
    expect(bytes(late)).toEqual(bytes(live))
    const page = await w.store.turns({ run_id, from: 0, limit: 9, maxBytes: 1e9 })
    expect(bytes(live)).toEqual(page.turns)
  })

  test("I14: gets a turn that is committed while the run is being read", async () => {
    const store = new MemoryRunStore()
    const w = fanoutWorld({ store })
    const run_id = await aRunIn(w, 1)
    const get = store.get.bind(store)
    store.get = async (id) => {
      const row = await get(id)
      await append(w, run_id)
      return row
    }
    const viewer = w.subscriber("v")
    await follow(w, viewer, run_id)
    expect(eventsOf(viewer)).toEqual(["snapshot 0-2"])
  })

  test("replaces the previous one to the same run, and ends with unsubscribe", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w, 1)
    const viewer = w.subscriber("v")
    await follow(w, viewer, run_id)
    await follow(w, viewer, run_id, 1)
    await append(w, run_id)
    expect(eventsOf(viewer)).toEqual(["snapshot 0-1", "snapshot 1-1", "turns 1-2"])
    expect(w.fanout.unsubscribe(viewer, run_id)).toBe(true)
    expect(w.fanout.unsubscribe(viewer, run_id)).toBe(false)
    await append(w, run_id)
    await w.clock.advanceAsync(100)
    expect(eventsOf(viewer)).toHaveLength(3)
    expect(w.fanout.stats()).toMatchObject({ feeds: 0 })
  })

  test("I29 S5: to an unknown run and to one that the viewer may not read gets the same reply and holds nothing", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w, 1)
    const viewer = w.subscriber("v")
    const other = aViewer({ read: ["b"] })
    const foreign = await follow(w, viewer, run_id, 0, other)
    expect(foreign).toMatchObject({ ok: false, error: { code: "not_found" } })
    expect(await follow(w, viewer, "none", 0, other)).toEqual(foreign)
    expect(w.fanout.unsubscribe(viewer, run_id)).toBe(false)
    expect(w.fanout.stats()).toMatchObject({ feeds: 0, connections: 0 })
  })

  test("is refused if the connection has 200 others, unless it replaces one of them", async () => {
    const w = fanoutWorld()
    const viewer = w.subscriber("v")
    const first = await aRunIn(w)
    await follow(w, viewer, first)
    for (let at = 1; at < 200; at++) await follow(w, viewer, await aRunIn(w))
    expect(await follow(w, viewer, await aRunIn(w))).toMatchObject({ error: { code: "rate_limited" } })
    expect(await follow(w, viewer, first)).toMatchObject({ ok: true })
  })

  test("is unavailable while the store can't be read", async () => {
    const store = new MemoryRunStore()
    const w = fanoutWorld({ store })
    const run_id = await aRunIn(w)
    store.get = () => Promise.reject(new StoreUnavailableError())
    const viewer = w.subscriber("v")
    expect(await follow(w, viewer, run_id)).toMatchObject({ error: { code: "unavailable" } })
    expect(w.fanout.stats()).toMatchObject({ feeds: 0, connections: 0 })
  })

  test("of a viewer that disconnects before the reply holds nothing", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const viewer = w.subscriber("v")
    const answering = w.fanout.subscribe(viewer, everyone, { run_id })
    viewer.cut()
    w.fanout.remove(viewer)
    ;(await answering).begin?.()
    expect(w.fanout.stats()).toMatchObject({ feeds: 0, connections: 0 })
  })
})

describe("the end", () => {
  test("I16: is sent once, after the last turn, to live, slow and late viewers", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const [live, slow, late] = [
      w.subscriber("live"),
      w.subscriber("slow", { stalled: true }),
      w.subscriber("late"),
    ]
    await follow(w, live, run_id)
    await follow(w, slow, run_id)
    for (let at = 0; at < 9; at++) await append(w, run_id, 1, 16_000)
    await end(w, run_id)
    await follow(w, late, run_id)
    slow.resume()
    await settle()
    for (const viewer of [live, slow, late]) {
      const events = eventsOf(viewer)
      expect(events.filter((what) => what === "ended")).toHaveLength(1)
      expect(events.at(-1)).toBe("ended")
      expect(traceEvents(viewer).at(-1)).toMatchObject({
        cursor: 9,
        status: "completed",
        record: { termination: { kind: "outcome" } },
      })
    }
    expect(eventsOf(live).at(-2)).toMatch(/^turns .*-9$/)
    expect(eventsOf(late)).toEqual(["snapshot 0-9", "ended"])
  })

  test("is followed only by changes of the run itself, such as a new child", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const viewer = w.subscriber("v")
    await follow(w, viewer, run_id)
    await end(w, run_id)
    await w.registry.start(owner, everyone, { intent: "x", agent_id: "a", parent: { run_id } })
    await settle()
    expect(eventsOf(viewer)).toEqual(["snapshot 0-0", "ended", "run"])
    expect(traceEvents(viewer).at(-1)).toMatchObject({
      record: { run: { status: "completed", child_count: 1 } },
    })
  })

  test("I16: of an incomplete run isn't final: a run record says that it continues, and a later end ends it", async () => {
    const w = fanoutWorld({ limits: { graceMs: 1_000 } })
    const run_id = await aRunIn(w, 2)
    const [live, late] = [w.subscriber("live"), w.subscriber("late")]
    await follow(w, live, run_id)
    w.registry.ownerClosed(owner)
    await w.clock.advanceAsync(1_000)
    await follow(w, late, run_id)
    const back = anOwner("back")
    await w.registry.recordTurns(back, everyone, { run_id, turns: [aTurn()] })
    await w.clock.advanceAsync(20)
    await w.registry.complete(back, everyone, { run_id, outcome: { status: "success" } })
    await settle()
    expect(eventsOf(live)).toEqual(["snapshot 0-2", "run", "ended", "run", "turns 2-3", "ended"])
    expect(eventsOf(late)).toEqual(["snapshot 0-2", "ended", "run", "turns 2-3", "ended"])
    for (const viewer of [live, late]) {
      const [again, , end] = traceEvents(viewer).slice(-3)
      expect(again).toMatchObject({
        status: "in_progress",
        record: { run: { status: "in_progress", reopenings: 1 } },
      })
      expect(end).toMatchObject({ status: "completed", cursor: 3 })
    }
  })

  test("I16: reaches a slow viewer once or twice if the run was reopened and ended again, with a run record in between", async () => {
    const w = fanoutWorld({ limits: { graceMs: 1_000 } })
    const run_id = await aRunIn(w)
    const [ended, unaware] = [w.subscriber("ended"), w.subscriber("unaware")]
    await follow(w, ended, run_id)
    await follow(w, unaware, run_id)
    for (let at = 0; at < 9; at++) await append(w, run_id, 1, 16_000)
    unaware.stall()
    w.registry.ownerClosed(owner)
    await w.clock.advanceAsync(1_000)
    ended.stall()
    const back = anOwner("back")
    await w.registry.recordTurns(back, everyone, { run_id, turns: [aTurn()] })
    await w.registry.complete(back, everyone, { run_id, outcome: { status: "success" } })
    for (const viewer of [ended, unaware]) viewer.resume()
    await w.clock.advanceAsync(20)
    const ends = (viewer: typeof ended) =>
      traceEvents(viewer).flatMap(({ record }) =>
        record.record === "ended" || record.record === "run" ? [`${record.record} ${record.run.status}`] : [],
      )
    expect(ends(ended).slice(-3)).toEqual(["ended incomplete", "run in_progress", "ended completed"])
    expect(ends(unaware).at(-1)).toBe("ended completed")
    for (const viewer of [ended, unaware]) {
      const indices = traceEvents(viewer).flatMap(({ record }) =>
        "turns" in record ? record.turns.map((turn) => turn.index) : [],
      )
      expect(indices).toEqual(Array.from({ length: 10 }, (_, at) => at))
    }
  })

  test("S20: is an error if the run is deleted", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w, 1)
    const viewer = w.subscriber("v")
    await follow(w, viewer, run_id)
    await end(w, run_id)
    await w.registry.delete(everyone, { run_id })
    expect(viewer.received.at(-1)).toMatchObject({
      name: "runs.error",
      payload: { event: "runs.subscribe", run_id, error: { code: "not_found" } },
    })
    expect(w.fanout.unsubscribe(viewer, run_id)).toBe(false)
    expect(w.fanout.stats()).toMatchObject({ feeds: 0, pageChars: 0 })
  })
})

describe("a live subscription", () => {
  test("gets the first turn immediately, and turns within the next 16 ms in one frame", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const viewer = w.subscriber("v")
    await follow(w, viewer, run_id)
    await append(w, run_id)
    await append(w, run_id)
    w.clock.advance(5)
    await append(w, run_id)
    expect(eventsOf(viewer).slice(1)).toEqual(["turns 0-1"])
    w.clock.advance(11)
    expect(eventsOf(viewer).slice(1)).toEqual(["turns 0-1", "turns 1-3"])
    w.clock.advance(16)
    await append(w, run_id)
    expect(eventsOf(viewer).at(-1)).toBe("turns 3-4")
  })

  test("gets the same encoded event as all others", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const sent = new Map<string, EncodedEvent[]>()
    for (const id of ["a", "b"]) {
      const viewer = w.subscriber(id)
      await follow(w, viewer, run_id)
      const events: EncodedEvent[] = []
      sent.set(id, events)
      viewer.send = (event) => events.push(event)
    }
    await append(w, run_id)
    await w.registry.reportProgress(owner, everyone, { run_id, progress: { text: "x" } })
    await w.clock.advanceAsync(100)
    await end(w, run_id)
    const [a = [], b = []] = sent.values()
    expect(a.length).toBeGreaterThanOrEqual(3)
    expect(a).toHaveLength(b.length)
    for (const [at, event] of a.entries()) expect(event).toBe(b[at])
  })

  test("gets frames of at most about 256 KiB", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const viewer = w.subscriber("v")
    await follow(w, viewer, run_id)
    await append(w, run_id, 100, 10_000)
    const sizes = traceEvents(viewer).map((event) => JSON.stringify(event).length)
    expect(sizes.length).toBeGreaterThan(4)
    expect(Math.max(...sizes)).toBeLessThan(270_000)
  })

  test("I18: falls behind with more than 512 KiB queued, loses nothing, and doesn't delay others", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const [healthy, slow] = [w.subscriber("healthy"), w.subscriber("slow")]
    await follow(w, healthy, run_id)
    await follow(w, slow, run_id)
    slow.stall()
    let most = 0
    for (let at = 0; at < 200; at++) {
      await append(w, run_id, 1, 16_000)
      await w.clock.advanceAsync(20)
      most = Math.max(most, slow.queuedBytes())
    }
    expect(eventsOf(healthy)).toHaveLength(201)
    expect(most).toBeGreaterThan(500_000)
    expect(most).toBeLessThan(800_000)
    expect(w.fanout.stats().subscriptions).toMatchObject({ live: 1, behind: 1 })
    slow.resume()
    await settle()
    await append(w, run_id)
    const indices = traceEvents(slow).flatMap(({ record }) =>
      "turns" in record ? record.turns.map((turn) => turn.index) : [],
    )
    expect(indices).toEqual([...Array(201).keys()])
    expect(w.fanout.stats().subscriptions).toMatchObject({ live: 2, behind: 0 })
  })

  test("falls behind in the middle of a large batch", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const slow = w.subscriber("slow")
    await follow(w, slow, run_id)
    slow.stall()
    await append(w, run_id, 256, 16_000)
    expect(slow.queuedBytes()).toBeLessThan(800_000)
    slow.resume()
    await settle()
    expect(traceEvents(slow).at(-1)?.cursor).toBe(256)
  })

  test("I14: gets turns that arrived before anyone followed the run, but were stored after that", async () => {
    let free = () => {}
    const held = new Promise<void>((resolve) => {
      free = resolve
    })
    const w = fanoutWorld({ store: new HeldStore(held) })
    const run_id = await aRunIn(w)
    const viewer = w.subscriber("viewer")
    const appending = append(w, run_id, 3)
    await follow(w, viewer, run_id)
    expect(eventsOf(viewer)).toEqual(["snapshot 0-0"])
    const followed = append(w, run_id, 2)
    free()
    await Promise.all([appending, followed])
    await w.clock.advanceAsync(20)
    const indices = traceEvents(viewer).flatMap(({ record }) =>
      "turns" in record ? record.turns.map((turn) => turn.index) : [],
    )
    expect(indices).toEqual([0, 1, 2, 3, 4])
  })

  test("I14: gets turns of another node from the log, without overlap", async () => {
    const w = fanoutWorld({
      listener: (fanout) => ({
        turnsStored: (stored) => fanout.turnsStored({ ...stored, turns: () => undefined }),
        follows: () => false,
        runChanged: (run) => fanout.runChanged(run),
        progressChanged: (run, progress) => fanout.progressChanged(run, progress),
        runEnded: (run) => fanout.runEnded(run),
        runDeleted: (run_id) => fanout.runDeleted(run_id),
      }),
    })
    const run_id = await aRunIn(w)
    const viewer = w.subscriber("v")
    await follow(w, viewer, run_id)
    await append(w, run_id)
    await append(w, run_id)
    await end(w, run_id)
    await w.clock.advanceAsync(16)
    expect(eventsOf(viewer)).toEqual(["snapshot 0-0", "turns 0-1", "turns 1-2", "ended"])
  })

  test("I14: gets every turn once if it is live while the log is being read for a subscription that has left", async () => {
    const store = new MemoryRunStore()
    const stored: number[] = []
    const w = fanoutWorld({
      store,
      listener: (fanout) => ({
        ...ignoring,
        turnsStored: ({ from, count }) => stored.push(from + count),
        runChanged: (run) => fanout.runChanged(run),
      }),
    })
    const run_id = await aRunIn(w)
    const [first, second] = [w.subscriber("first"), w.subscriber("second")]
    await follow(w, first, run_id)
    // A subscription whose events haven't started keeps the feed alive.
    await w.fanout.subscribe(w.subscriber("keeper"), everyone, { run_id })
    const held: (() => void)[] = []
    const turns = store.turns.bind(store)
    store.turns = async (read) => {
      const page = await turns(read)
      await new Promise<void>((resolve) => held.push(resolve))
      return page
    }
    await append(w, run_id)
    storeElsewhere(w, run_id, 1)
    w.fanout.unsubscribe(first, run_id)
    await append(w, run_id)
    await follow(w, second, run_id, 2)
    await append(w, run_id)
    storeElsewhere(w, run_id, 3)
    for (let at = 0; at < 5; at++) {
      for (const resolve of held.splice(0)) resolve()
      await w.clock.advanceAsync(16)
    }
    expect(stored).toEqual([1, 2, 3])
    expect(eventsOf(second)).toEqual(["snapshot 2-2", "turns 2-3"])
  })
})

describe("pages", () => {
  test("are sent one at a time, when the transport has drained, in turn for all runs that are behind", async () => {
    const w = fanoutWorld()
    const [a, b] = [await aRunIn(w, 40, 16_000), await aRunIn(w, 40, 16_000)]
    const viewer = w.subscriber("v", { stalled: true })
    await follow(w, viewer, a)
    await follow(w, viewer, b)
    const waiting: number[] = []
    for (let at = 0; at < 6; at++) {
      waiting.push(viewer.waiting)
      viewer.take(1)
      await settle()
    }
    expect(waiting).toEqual([1, 1, 1, 1, 1, 1])
    expect(
      traceEvents(viewer)
        .map(({ run_id }) => (run_id === a ? "a" : "b"))
        .join(""),
    ).toBe("aababb")
    expect(eventsOf(viewer)[0]).toMatch(/ more$/)
    expect(eventsOf(viewer).at(-1)).toMatch(/^turns .*-40$/)
  })

  test("are read once for all viewers that return together, a few concurrently, and cached", async () => {
    const store = new MemoryRunStore()
    const w = fanoutWorld({ store, bounds: { frameBytes: 2_000 } })
    const runs: string[] = []
    for (let at = 0; at < 12; at++) runs.push(await aRunIn(w, 20, 100))
    let reads = 0
    let now = 0
    let most = 0
    const turns = store.turns.bind(store)
    store.turns = async (read) => {
      reads += 1
      now += 1
      most = Math.max(most, now)
      await settle()
      now -= 1
      return turns(read)
    }
    const viewers = Array.from({ length: 20 }, (_, at) => w.subscriber(`v${at}`))
    // Each viewer starts with a different run.
    const orders = viewers.map((viewer, at) => ({
      viewer,
      order: [...runs.slice(at % 12), ...runs.slice(0, at % 12)],
    }))
    await Promise.all(orders.flatMap(({ viewer, order }) => order.map((run_id) => follow(w, viewer, run_id))))
    for (let at = 0; at < 200; at++) await settle()
    for (const viewer of viewers) {
      expect(traceEvents(viewer).filter(({ cursor }) => cursor === 20)).toHaveLength(12)
    }
    expect(most).toBe(8)
    expect(reads).toBe(w.fanout.stats().pagesRead)
    // All viewers together needed only as many reads as a single viewer.
    expect(reads).toBe(traceEvents(viewers[0] ?? w.subscriber("")).length)
    expect(w.fanout.stats()).toMatchObject({ subscriptions: { live: 240 } })
  })

  test("I22: turns that all live viewers have are dropped; for viewers that are behind, up to 256 KiB are held", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const [live, slow] = [w.subscriber("live"), w.subscriber("slow")]
    await follow(w, live, run_id)
    await append(w, run_id, 100, 16_000)
    await w.clock.advanceAsync(20)
    expect(w.fanout.stats().bufferedChars).toBe(0)
    slow.stall()
    await follow(w, slow, run_id)
    await append(w, run_id, 100, 16_000)
    await w.clock.advanceAsync(20)
    const { bufferedChars } = w.fanout.stats()
    expect(bufferedChars).toBeGreaterThan(200_000)
    expect(bufferedChars).toBeLessThanOrEqual(256 * 1024)
  })

  test("I22: are cached within a bound", async () => {
    const w = fanoutWorld({ bounds: { pageCacheBytes: 600_000 } })
    for (let at = 0; at < 5; at++) await follow(w, w.subscriber("v"), await aRunIn(w, 40, 16_000))
    expect(w.fanout.stats().pageChars).toBeLessThanOrEqual(600_000)
    expect(w.fanout.stats().pageChars).toBeGreaterThan(300_000)
  })

  test("that ended at the end of the log are extended when the log has grown", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    for (let at = 0; at < 10; at++) {
      await append(w, run_id)
      w.clock.advance(16)
      const viewer = w.subscriber(`v${at}`)
      await follow(w, viewer, run_id)
      expect(eventsOf(viewer)).toEqual([`snapshot 0-${at + 1}`])
    }
  })

  test("continue when the store can be read again, without disconnecting viewers", async () => {
    const store = new MemoryRunStore()
    const w = fanoutWorld({ store })
    const run_id = await aRunIn(w, 2)
    const turns = store.turns.bind(store)
    store.turns = () => Promise.reject(new StoreUnavailableError())
    const viewer = w.subscriber("v")
    await follow(w, viewer, run_id)
    await w.clock.advanceAsync(60_000)
    expect([eventsOf(viewer), viewer.disconnections]).toEqual([[], []])
    store.turns = turns
    await w.clock.advanceAsync(1_000)
    expect(eventsOf(viewer)).toEqual(["snapshot 0-2"])
  })

  test("I18: disconnect only a viewer that hasn't read for 30 s", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w, 40, 16_000)
    const [stalled, slow, idle] = [w.subscriber("stalled"), w.subscriber("slow"), w.subscriber("idle")]
    for (const viewer of [stalled, slow]) viewer.stall()
    for (const viewer of [stalled, slow, idle]) await follow(w, viewer, run_id)
    for (let seconds = 0; seconds < 50; seconds += 25) {
      await w.clock.advanceAsync(25_000)
      slow.take(1)
      await settle()
    }
    expect([stalled, slow, idle].map(({ disconnections }) => disconnections.length)).toEqual([1, 0, 0])
  })
})

describe("the summary", () => {
  test("is sent to live viewers immediately, and only in its newest version to slow ones", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const [live, slow] = [w.subscriber("live"), w.subscriber("slow")]
    await follow(w, live, run_id)
    await follow(w, slow, run_id)
    slow.stall()
    for (let at = 0; at < 45; at++) {
      await append(w, run_id, 1, 16_000)
      await w.clock.advanceAsync(20)
    }
    await w.registry.cancel(everyone, { run_id })
    w.registry.ownerClosed(owner)
    expect(eventsOf(live).slice(-2)).toEqual(["run", "run"])
    slow.resume()
    await settle()
    expect(eventsOf(slow).filter((what) => what === "run")).toHaveLength(1)
    expect(traceEvents(slow).at(-1)?.record).toMatchObject({
      run: { connected: false, cancel_requested_at: expect.any(String) },
    })
  })

  test("never has fewer turns than before, even if batches of one commit are published one by one", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w, 1)
    const older = await w.queries.get(everyone, run_id)
    if (older === undefined) throw new Error("no run")
    await append(w, run_id)
    const viewer = w.subscriber("v")
    await follow(w, viewer, run_id)
    w.fanout.runChanged({ ...older, connected: false })
    w.fanout.progressChanged({ ...older, connected: false }, { text: "x" })
    const events = traceEvents(viewer).slice(1)
    expect(events.map(({ cursor, record }) => [record.record, cursor])).toEqual([
      ["run", 2],
      ["progress", 2],
    ])
    expect(events[0]?.record).toMatchObject({ run: { cursor: 2, connected: false } })
    expect(events[1]?.record).toMatchObject({ index: 2 })
  })

  test("sends progress with a complete snapshot, and later after the turns before it", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w)
    const viewer = w.subscriber("v")
    await w.registry.reportProgress(owner, everyone, { run_id, progress: { text: "one" } })
    await follow(w, viewer, run_id)
    expect(traceEvents(viewer)[0]?.record).toMatchObject({ progress: { text: "one" } })
    await append(w, run_id)
    await append(w, run_id)
    await w.registry.reportProgress(owner, everyone, { run_id, progress: { text: "two" } })
    await w.clock.advanceAsync(100)
    expect(eventsOf(viewer)).toEqual(["snapshot 0-0", "turns 0-1", "turns 1-2", "progress"])
    expect(traceEvents(viewer).at(-1)).toMatchObject({
      cursor: 2,
      record: { index: 2, progress: { text: "two" } },
    })
  })

  test("sends progress to a slow viewer once it has all turns", async () => {
    const w = fanoutWorld()
    const run_id = await aRunIn(w, 40, 16_000)
    const viewer = w.subscriber("v", { stalled: true })
    await follow(w, viewer, run_id)
    await w.registry.reportProgress(owner, everyone, { run_id, progress: { text: "now" } })
    viewer.take(1)
    await settle()
    expect(eventsOf(viewer)).toHaveLength(1)
    viewer.resume()
    await settle()
    expect(traceEvents(viewer).at(-1)?.record).toMatchObject({
      record: "progress",
      progress: { text: "now" },
    })
  })
})

test("I30: after all viewers have left, nothing is held and only the watchdog's timer is active", async () => {
  const w = fanoutWorld()
  const viewers = Array.from({ length: 5 }, (_, at) => w.subscriber(`v${at}`))
  const runs = [await aRunIn(w), await aRunIn(w)]
  for (const viewer of viewers) {
    for (const run_id of runs) await follow(w, viewer, run_id)
    ;(await w.fanout.watch(viewer, everyone, {})).begin?.()
  }
  for (const run_id of runs) await append(w, run_id, 2)
  for (const run_id of runs) await append(w, run_id, 2)
  for (const viewer of viewers) {
    viewer.cut()
    w.fanout.remove(viewer)
  }
  expect(w.fanout.stats()).toMatchObject({ feeds: 0, connections: 0, watches: 0 })
  for (const run_id of runs) await end(w, run_id)
  await settle()
  expect(w.clock.timers).toBe(1)
  w.fanout.close()
  expect(w.clock.timers).toBe(0)
})
