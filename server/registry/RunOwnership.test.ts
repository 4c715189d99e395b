import { expect, test } from "vitest"
import { anOwner, aPrincipal, aTurn, aViewer } from "@/lib/testing/builders"
import { settle } from "@/lib/testing/fakeClock"
import { registryWorld } from "@/lib/testing/registryWorld"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"
import { StoreUnavailableError } from "@/server/store/RunStore"

const everyone = aPrincipal()
type World = ReturnType<typeof registryWorld>

async function aStartedRun(w: World, owner = anOwner()): Promise<string> {
  const reply = await w.registry.start(owner, everyone, { intent: "x", agent_id: "a" })
  return reply.ok ? reply.run_id : ""
}
const append = (w: World, owner: ReturnType<typeof anOwner>, run_id: string) =>
  w.registry.recordTurns(owner, everyone, { run_id, turns: [aTurn()] })
const read = (w: World, run_id: string) => w.queries.get(everyone, run_id)

test("a run without an owner ends as incomplete after the grace period, and not before", async () => {
  const w = registryWorld()
  const owner = anOwner()
  const run_id = await aStartedRun(w, owner)
  w.registry.ownerClosed(owner)
  expect(await read(w, run_id)).toMatchObject({
    connected: false,
    disconnected_at: "2026-01-01T00:00:00.000Z",
    grace_ends_at: "2026-01-01T00:00:30.000Z",
  })
  expect(w.calls.at(-1)).toMatchObject(["runChanged", { connected: false }])
  await w.clock.advanceAsync(29_999)
  expect((await read(w, run_id))?.status).toBe("in_progress")
  await w.clock.advanceAsync(1)
  expect(await read(w, run_id)).toMatchObject({ status: "incomplete", connected: false })
  expect(w.calls.at(-1)).toMatchObject(["runEnded", {}, { kind: "incomplete", reason: "disconnected" }])
  expect([w.live.size, w.live.writers, w.clock.timers]).toEqual([0, 0, 0])
})

test("I26: a jump of the wall clock neither ends a run nor delays its end", async () => {
  const w = registryWorld()
  const owner = anOwner()
  const run_id = await aStartedRun(w, owner)
  w.registry.ownerClosed(owner)
  w.clock.jump(3_600_000)
  await w.clock.advanceAsync(29_000)
  expect((await read(w, run_id))?.status).toBe("in_progress")
  w.clock.jump(-7_200_000)
  await w.clock.advanceAsync(1_000)
  expect((await read(w, run_id))?.status).toBe("incomplete")
})

test.each(["take-over", "turn", "duplicate"])("a %s by a new owner stops the grace period", async (how) => {
  const w = registryWorld()
  const [one, two] = [anOwner("o1"), anOwner("o2")]
  const run_id = await aStartedRun(w, one)
  const batch = { run_id, turns: [aTurn()], idempotency_key: "batch-001" }
  await w.registry.recordTurns(one, everyone, batch)
  w.registry.ownerClosed(one)
  await w.clock.advanceAsync(20_000)
  if (how === "take-over") await w.registry.start(two, everyone, { run_id })
  else if (how === "turn") await append(w, two, run_id)
  else await w.registry.recordTurns(two, everyone, batch)
  await w.clock.advanceAsync(60_000)
  const run = await read(w, run_id)
  expect(run).toMatchObject({
    status: "in_progress",
    connected: true,
    last_seen_at: "2026-01-01T00:00:20.000Z",
  })
  expect(run).not.toHaveProperty("grace_ends_at")
  expect(run).not.toHaveProperty("disconnected_at")
  expect(await w.store.get(run_id)).not.toHaveProperty("disconnected_at")
  w.registry.ownerClosed(two)
  await w.clock.advanceAsync(30_000)
  expect((await read(w, run_id))?.status).toBe("incomplete")
})

test("ownership passes to another open connection that has written to the run", async () => {
  const w = registryWorld()
  const [one, two, three] = [anOwner("o1"), anOwner("o2"), anOwner("o3")]
  const run_id = await aStartedRun(w, one)
  await append(w, two, run_id)
  await append(w, three, run_id)
  w.registry.ownerClosed(one)
  w.registry.ownerClosed(three)
  await w.clock.advanceAsync(60_000)
  expect(await read(w, run_id)).toMatchObject({ status: "in_progress", connected: true })
  expect((await w.store.get(run_id))?.owner).toBe("o2")
  w.registry.ownerClosed(two)
  await w.clock.advanceAsync(30_000)
  expect((await read(w, run_id))?.status).toBe("incomplete")
})

test("if the connection closes while a start or a turn is being stored, the run's grace period starts", async () => {
  const w = registryWorld()
  const owner = anOwner()
  const starting = aStartedRun(w, owner)
  w.registry.ownerClosed(owner)
  const run_id = await starting
  expect(await read(w, run_id)).toMatchObject({ connected: false, grace_ends_at: expect.any(String) })
  const two = anOwner("o2")
  const writing = append(w, two, run_id)
  w.registry.ownerClosed(two)
  await writing
  await w.clock.advanceAsync(60_000)
  expect((await read(w, run_id))?.status).toBe("incomplete")
  expect(w.live.writers).toBe(0)
})

test("a turn that is still being stored when its connection closes doesn't keep the run in progress forever", async () => {
  const w = registryWorld()
  const [one, two] = [anOwner("o1"), anOwner("o2")]
  const run_id = await aStartedRun(w, one)
  await append(w, two, run_id)
  await append(w, one, run_id)
  // The store makes o1 the owner before the registry passes ownership to o2, but the registry learns of the write only
  // after that.
  const writing = append(w, one, run_id)
  w.registry.ownerClosed(one)
  await writing
  w.registry.ownerClosed(two)
  await w.clock.advanceAsync(60_000)
  expect((await read(w, run_id))?.status).toBe("incomplete")
})

test("I4 I26: after a restart, only runs in progress are loaded, and each gets its full grace period again", async () => {
  const store = new MemoryRunStore()
  const before = registryWorld({ store })
  const owner = anOwner()
  const run_id = await aStartedRun(before, owner)
  const ended = await aStartedRun(before, owner)
  await before.registry.complete(owner, everyone, { run_id: ended, outcome: { status: "done" } })
  before.registry.ownerClosed(owner)
  before.clock.advance(29_000)
  await before.registry.close()
  before.clock.advance(60_000)
  await settle()
  const after = registryWorld({ store })
  await after.registry.open()
  expect(after.live.size).toBe(1)
  expect(await read(after, run_id)).toMatchObject({ status: "in_progress", connected: false })
  await after.clock.advanceAsync(29_999)
  expect((await read(after, run_id))?.status).toBe("in_progress")
  await after.clock.advanceAsync(1)
  expect((await read(after, run_id))?.status).toBe("incomplete")
})

test("after a restart, the turns of the last few minutes are counted again", async () => {
  const store = new MemoryRunStore()
  const before = registryWorld({ store })
  const owner = anOwner()
  const run_id = await aStartedRun(before, owner)
  await append(before, owner, run_id)
  await before.clock.advanceAsync(20_000)
  await append(before, owner, run_id)
  await append(before, owner, run_id)
  await before.registry.close()
  const after = registryWorld({ store })
  after.clock.advance(20_000)
  await after.registry.open()
  await settle()
  expect((await read(after, run_id))?.recent?.turns.slice(-4)).toEqual([0, 1, 0, 2])
})

test("I23: after close, runs aren't marked as disconnected when connections close", async () => {
  const w = registryWorld()
  const owner = anOwner()
  const run_id = await aStartedRun(w, owner)
  await w.registry.close()
  w.registry.ownerClosed(owner)
  await w.clock.advanceAsync(120_000)
  const row = await w.store.get(run_id)
  expect(row?.status).toBe("in_progress")
  expect(row).not.toHaveProperty("disconnected_at")
  expect(w.clock.timers).toBe(0)
})

test("if the store is unavailable at the end of the grace period, the run ends once it is available", async () => {
  const store = new MemoryRunStore()
  const w = registryWorld({ store })
  const owner = anOwner()
  const run_id = await aStartedRun(w, owner)
  const abandon = store.abandon.bind(store)
  store.abandon = async () => {
    throw new StoreUnavailableError()
  }
  w.registry.ownerClosed(owner)
  await w.clock.advanceAsync(35_000)
  expect((await read(w, run_id))?.status).toBe("in_progress")
  store.abandon = abandon
  await w.clock.advanceAsync(1_000)
  expect((await read(w, run_id))?.status).toBe("incomplete")
})

test("a cancellation request reaches the owner, and the reply says whether the run has an owner", async () => {
  const w = registryWorld()
  const [one, two] = [anOwner("o1"), anOwner("o2")]
  const run_id = await aStartedRun(w, one)
  expect(await w.registry.cancel(aViewer(), { run_id, reason: "enough" })).toEqual({
    ok: true,
    run_id,
    delivered: true,
  })
  expect(one.cancels).toEqual([{ run_id, reason: "enough", requested_at: "2026-01-01T00:00:00.000Z" }])
  expect(w.calls.at(-1)).toMatchObject(["runChanged", { cancel_requested_at: "2026-01-01T00:00:00.000Z" }])
  await append(w, one, run_id)
  expect(one.cancels).toHaveLength(1)
  w.registry.ownerClosed(one)
  expect(await w.registry.cancel(aViewer(), { run_id })).toMatchObject({ delivered: false })
  await w.registry.start(two, everyone, { run_id })
  expect(two.cancels).toEqual(one.cancels)
})

test("a cancellation request needs `control` and a run in progress that the caller may read", async () => {
  const w = registryWorld()
  const run_id = await aStartedRun(w)
  const code = async (principal = aViewer(), id = run_id) => {
    const reply = await w.registry.cancel(principal, { run_id: id })
    return reply.ok ? "" : reply.error.code
  }
  expect(await code(aViewer({ control: false }))).toBe("forbidden")
  expect(await code(aViewer({ read: ["b"] }))).toBe("not_found")
  expect(await code(aViewer(), "none")).toBe("not_found")
  await w.registry.complete(anOwner(), everyone, { run_id, outcome: { status: "done" } })
  expect(await code()).toBe("already_terminal")
})
