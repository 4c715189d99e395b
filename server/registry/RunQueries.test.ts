import { expect, test } from "vitest"
import { anOwner, aPrincipal, aTurn, aViewer } from "@/lib/testing/builders"
import { registryWorld } from "@/lib/testing/registryWorld"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { StoreUnavailableError } from "@/server/store/RunStore"

const everyone = aPrincipal()

async function aRunWith(turns: number, size = 10) {
  const store = new MemoryRunStore()
  const w = registryWorld({ store })
  const owner = anOwner()
  const started = await w.registry.start(owner, everyone, { intent: "x", agent_id: "a" })
  const run_id = started.ok ? started.run_id : ""
  for (let at = 0; at < turns; at++) {
    const turn = aTurn({ output: `${at}`.padEnd(size, ".") })
    await w.registry.recordTurns(owner, everyone, { run_id, turns: [turn] })
  }
  return { ...w, store, owner, run_id }
}

test("a trace has pages: `started` first, turns in order, `ended` only on the last", async () => {
  const w = await aRunWith(5)
  await w.registry.complete(w.owner, everyone, { run_id: w.run_id, outcome: { status: "done" } })
  const one = await w.queries.getTrace(everyone, { run_id: w.run_id, limit: 3 })
  expect(one).toMatchObject({ ok: true, agent_id: "a", cursor: 5, next: 3 })
  const two = await w.queries.getTrace(everyone, { run_id: w.run_id, cursor: 3 })
  expect(two).not.toHaveProperty("next")
  const names = [one, two].map((page) => (page.ok ? page.records.map((record) => record.record) : []))
  expect(names).toEqual([
    ["started", "turn", "turn", "turn"],
    ["turn", "turn", "ended"],
  ])
})

test("a page of a trace ends at about 256 KiB", async () => {
  const w = await aRunWith(60, 10_000)
  const page = await w.queries.getTrace(everyone, { run_id: w.run_id })
  expect(page.ok && page.records.length).toBeLessThan(30)
  expect(page.ok && page.next).toBeGreaterThan(20)
})

test("an export is the complete trace, one JSON text per record", async () => {
  const w = await aRunWith(0)
  await w.registry.recordTurns(w.owner, everyone, {
    run_id: w.run_id,
    turns: Array(40).fill(aTurn({ output: "z".repeat(20_000) })),
  })
  await w.registry.complete(w.owner, everyone, { run_id: w.run_id, outcome: { status: "done" } })
  const records: { record: string; output?: string; index?: number }[] = []
  for await (const text of (await w.queries.exportRecords(everyone, w.run_id)) ?? [])
    records.push(JSON.parse(text))
  expect(records.map((record) => record.record)).toEqual(["started", ...Array(40).fill("turn"), "ended"])
  expect(records.slice(1, -1).map((record) => record.index)).toEqual([...Array(40).keys()])
  expect(records.every((record) => record.record !== "turn" || record.output?.length === 20_000)).toBe(true)
})

test("without `from`, the newest outlines are returned", async () => {
  const w = await aRunWith(5)
  const newest = await w.queries.getOutline(everyone, { run_id: w.run_id, limit: 2 })
  expect(newest).toMatchObject({
    from: 3,
    cursor: 5,
    outline: [{ index: 3, title: "Bash ls" }, { index: 4 }],
  })
  expect(await w.queries.getOutline(everyone, { run_id: w.run_id, from: 1, limit: 1 })).toMatchObject({
    from: 1,
    outline: [{ index: 1 }],
  })
})

test("I29 S5: for every query, unknown runs and those that the caller may not read get the same reply after one look-up", async () => {
  const w = await aRunWith(1)
  const other = aViewer({ read: ["b"] })
  let looks = 0
  const get = w.store.get.bind(w.store)
  w.store.get = (run_id) => {
    looks += 1
    return get(run_id)
  }
  const forbidden = () => Promise.reject(new Error("searched further"))
  w.store.turns = forbidden
  w.store.outlines = forbidden
  for (const read of [
    (run_id: string) => w.queries.get(other, run_id),
    (run_id: string) => w.queries.getTrace(other, { run_id }),
    (run_id: string) => w.queries.getTurn(other, { run_id, index: 0 }),
    (run_id: string) => w.queries.getOutline(other, { run_id }),
    (run_id: string) => w.queries.exportRecords(other, run_id),
  ]) {
    looks = 0
    const mine = await read(w.run_id)
    expect(looks).toBe(1)
    expect(mine).toEqual(await read("none"))
    expect(looks).toBe(2)
  }
})

test("a turn that doesn't exist is not found", async () => {
  const w = await aRunWith(1)
  expect(await w.queries.getTurn(everyone, { run_id: w.run_id, index: 1 })).toMatchObject({
    error: { code: "not_found" },
  })
})

test("a list combines live with stored data, and counts all runs that match the filter without its status", async () => {
  const w = await aRunWith(3)
  const two = await w.registry.start(w.owner, everyone, { intent: "y", agent_id: "b" })
  if (two.ok)
    await w.registry.complete(w.owner, everyone, { run_id: two.run_id, outcome: { status: "failure" } })
  const page = await w.queries.list(everyone, {
    status: ["in_progress"],
    failed_since: "2025-01-01T00:00:00.000Z",
  })
  expect(page).toMatchObject({
    runs: [{ run_id: w.run_id, connected: true, last_seen_at: "2026-01-01T00:00:00.000Z" }],
    counts: { in_progress: 1, completed: 1, incomplete: 0, waiting: 0, failed: 1 },
    server_time: "2026-01-01T00:00:00.000Z",
  })
  const [run] = page.ok ? page.runs : []
  expect(run?.recent?.turns.at(-1)).toBe(3)
  expect(run).not.toHaveProperty("owner")
  const others = await w.queries.list(aViewer({ read: ["b"] }), {})
  expect(others).toMatchObject({ runs: [{ agent_id: "b" }], counts: { in_progress: 0, completed: 1 } })
  expect(others.ok && others.counts).not.toHaveProperty("failed")
})

test("counts for a watch are cached for a second; counts for a list are current", async () => {
  const w = await aRunWith(0)
  let counted = 0
  const count = w.store.count.bind(w.store)
  w.store.count = (query) => {
    counted += 1
    return count(query)
  }
  await w.queries.counts(everyone, { status: ["completed"] }, 1_000)
  await w.queries.counts(aViewer(), { limit: 3 }, 1_000)
  expect(counted).toBe(1)
  w.clock.advance(1_001)
  await w.queries.counts(everyone, {}, 1_000)
  expect(counted).toBe(2)
  await w.queries.list(everyone, {})
  expect(counted).toBe(3)
  await w.queries.counts(everyone, { agent_id: "x" }, 1_000)
  expect(counted).toBe(4)
})

test("waiting runs are paged newest first", async () => {
  const w = registryWorld()
  const ids: string[] = []
  for (let at = 0; at < 3; at++) {
    w.clock.advance(1_000)
    const started = await w.registry.start(anOwner(), everyone, { intent: "x", agent_id: "a" })
    const run_id = started.ok ? started.run_id : ""
    ids.unshift(run_id)
    await w.registry.reportProgress(anOwner(), everyone, { run_id, progress: { waiting_for: "you" } })
  }
  const one = await w.queries.list(everyone, { waiting: true, limit: 2 })
  const two = await w.queries.list(everyone, { waiting: true, limit: 2, ...(one.ok && { before: one.next }) })
  expect([one, two].flatMap((page) => (page.ok ? page.runs.map((run) => run.run_id) : []))).toEqual(ids)
  expect(two).not.toHaveProperty("next")
})

test("counts of turns per 10 s move with the clock and are dropped after 5 minutes", async () => {
  const w = await aRunWith(2)
  w.clock.advance(25_000)
  const recent = async () => (await w.queries.get(everyone, w.run_id))?.recent
  expect(await recent()).toEqual({
    until: "2026-01-01T00:00:30.000Z",
    turns: [...Array(27).fill(0), 2, 0, 0],
  })
  w.clock.advance(300_000)
  expect((await recent())?.turns).toEqual(Array(30).fill(0))
})

test("if the store can't be read, the reply is `unavailable`", async () => {
  const w = await aRunWith(1)
  w.store.get = () => Promise.reject(new StoreUnavailableError())
  w.store.list = () => Promise.reject(new StoreUnavailableError())
  expect(await w.queries.getTrace(everyone, { run_id: w.run_id })).toMatchObject({
    error: { code: "unavailable" },
  })
  expect(await w.queries.list(everyone, {})).toMatchObject({ error: { code: "unavailable" } })
})

test("a search in turns also finds and counts runs that are waiting or in trouble", async () => {
  const w = await aRunWith(1)
  const failed = aTurn({ tool: "fetch", error: { message: "429 quota" } })
  await w.registry.recordTurns(w.owner, everyone, { run_id: w.run_id, turns: [failed, failed, failed] })
  const progress = { waiting_for: "you" }
  await w.registry.reportProgress(w.owner, everyone, { run_id: w.run_id, progress })
  const counts = { in_progress: 1, waiting: 1, trouble: 1 }
  expect(await w.queries.list(everyone, { q: "quota" })).toMatchObject({ counts })
  for (const filter of [{ trouble: true }, { waiting: true }] as const)
    expect(await w.queries.list(everyone, { q: "quota", ...filter })).toMatchObject({
      runs: [{ run_id: w.run_id, hit: { index: 1 } }],
      counts,
    })
  const none = { runs: [], counts: { in_progress: 0, waiting: 0, trouble: 0 } }
  expect(await w.queries.list(everyone, { q: "zeppelin" })).toMatchObject(none)
  expect(await w.queries.list(everyone, { q: "zeppelin", trouble: true })).toMatchObject(none)
})

test("an ended run isn't counted as in trouble, although another node's data said so", async () => {
  const w = await aRunWith(1)
  const [run] = [...w.live.values()]
  if (run === undefined) throw new Error("no run is in progress")
  w.live.remove(run)
  w.live.setRemote({ row: run.row, live: { connected: false } })
  const { run_id } = w
  expect(await w.queries.list(everyone, {})).toMatchObject({ counts: { in_progress: 1, trouble: 1 } })
  await w.registry.complete(w.owner, everyone, { run_id, outcome: { status: "success" } })
  expect(await w.queries.list(everyone, {})).toMatchObject({ counts: { in_progress: 0, trouble: 0 } })
})

test("a list finds words in turns and returns the matches; the counts match", async () => {
  const w = await aRunWith(3)
  await w.registry.recordTurns(w.owner, everyone, {
    run_id: w.run_id,
    turns: [aTurn({ output: "connection refused" })],
  })
  const found = await w.queries.list(everyone, { q: "efus" })
  expect(found).toMatchObject({
    runs: [{ run_id: w.run_id, hit: { index: 3, text: "connection refused" } }],
    counts: { in_progress: 1 },
  })
  const all = await w.queries.list(everyone, {})
  expect(all.ok && all.runs[0]).not.toHaveProperty("hit")
})
