import { expect, test } from "vitest"
import { anOwner, aPrincipal, aTurn } from "@/lib/testing/builders"
import { settle } from "@/lib/testing/fakeClock"
import { slowStore } from "@/lib/testing/fuzz/slowStore"
import { registryWorld } from "@/lib/testing/registryWorld"
import { MemoryRunStore } from "@/server/store/memory/MemoryRunStore"

const everyone = aPrincipal()
type World = ReturnType<typeof registryWorld>
type Owner = ReturnType<typeof anOwner>
const GRACE_MS = 30_000

const read = (w: World, run_id: string) => w.queries.get(everyone, run_id)
const append = (w: World, owner: Owner, run_id: string) =>
  w.registry.recordTurns(owner, everyone, { run_id, turns: [aTurn()] })

async function anIncompleteRun(w: World): Promise<string> {
  const owner = anOwner("first")
  const started = await w.registry.start(owner, everyone, { intent: "x", agent_id: "a" })
  if (!started.ok) throw new Error(started.error.message)
  await append(w, owner, started.run_id)
  w.registry.ownerClosed(owner)
  await w.clock.advanceAsync(GRACE_MS)
  w.calls.length = 0
  return started.run_id
}

test("I11: an incomplete run is in progress again once its agent takes it over", async () => {
  const w = registryWorld()
  const run_id = await anIncompleteRun(w)
  await w.clock.advanceAsync(3_600_000)
  const reply = await w.registry.start(anOwner("second"), everyone, { run_id })
  expect(reply).toMatchObject({ ok: true, status: "in_progress", cursor: 1 })
  const expected = {
    ...{ status: "in_progress", connected: true, reopenings: 1 },
    interruptions: [{ from: "2026-01-01T00:00:00.000Z", to: "2026-01-01T01:00:30.000Z" }],
  }
  expect(await read(w, run_id)).toMatchObject(expected)
  expect(w.calls).toMatchObject([["runChanged", expected]])
})

test("I11: a turn reopens an incomplete run, and is published after the reopening", async () => {
  const w = registryWorld()
  const run_id = await anIncompleteRun(w)
  expect(await append(w, anOwner("second"), run_id)).toMatchObject({ ok: true, base_index: 1 })
  expect(w.calls.map(([name, run]) => [name, run])).toMatchObject([
    ["runChanged", { status: "in_progress", reopenings: 1 }],
    ["turnsStored", { status: "in_progress", cursor: 2 }],
  ])
})

test("I11: an outcome ends an incomplete run", async () => {
  const w = registryWorld()
  const run_id = await anIncompleteRun(w)
  const outcome = { status: "success" as const }
  expect(await w.registry.complete(anOwner("second"), everyone, { run_id, outcome })).toMatchObject({
    ok: true,
  })
  expect(w.calls).toMatchObject([["runEnded", { status: "completed", reopenings: 1 }, { kind: "outcome" }]])
  expect(w.live.size).toBe(0)
})

test("progress alone doesn't reopen a run", async () => {
  const w = registryWorld()
  const run_id = await anIncompleteRun(w)
  const report = { run_id, progress: { tool: "Bash" } }
  expect(await w.registry.reportProgress(anOwner("second"), everyone, report)).toMatchObject({
    error: { code: "already_terminal", status: "incomplete" },
  })
  expect(w.calls).toEqual([])
})

test("progress sent with the turn that reopens a run is applied", async () => {
  const w = registryWorld()
  const run_id = await anIncompleteRun(w)
  const batch = { run_id, turns: [aTurn()], progress: { tool: "Bash" } }
  await w.registry.recordTurns(anOwner("second"), everyone, batch)
  expect((await read(w, run_id))?.activity).toMatchObject({ tool: "Bash" })
})

test("I4: a reopened run whose agent disappears again ends as incomplete after its grace period", async () => {
  const w = registryWorld()
  const run_id = await anIncompleteRun(w)
  const second = anOwner("second")
  await append(w, second, run_id)
  w.registry.ownerClosed(second)
  await w.clock.advanceAsync(GRACE_MS - 1)
  expect((await read(w, run_id))?.status).toBe("in_progress")
  await w.clock.advanceAsync(1)
  expect(await read(w, run_id)).toMatchObject({ status: "incomplete", reopenings: 1 })
  expect([w.live.size, w.live.writers, w.clock.timers]).toEqual([0, 0, 0])
})

test("if two connections return together, the run is reopened once, and either can continue it", async () => {
  const w = registryWorld()
  const run_id = await anIncompleteRun(w)
  const [two, three] = [anOwner("two"), anOwner("three")]
  await Promise.all([append(w, two, run_id), w.registry.start(three, everyone, { run_id })])
  expect(await read(w, run_id)).toMatchObject({ reopenings: 1, cursor: 2 })
  w.registry.ownerClosed(three)
  expect(w.live.get(run_id)?.owner).toBe(two)
})

test.each(["take-over", "turn"])(
  "I27: after a %s right before or after the end of the grace period, the run is in progress",
  async (how) => {
    for (const isEndFirst of [true, false]) {
      const waits: (() => void)[] = []
      const store = slowStore(new MemoryRunStore(), {
        wait: () => (isSlow ? new Promise((resolve) => waits.push(resolve)) : Promise.resolve()),
        alive: () => true,
      })
      let isSlow = false
      const w = registryWorld({ store })
      const [one, two] = [anOwner("one"), anOwner("two")]
      const started = await w.registry.start(one, everyone, { intent: "x", agent_id: "a" })
      const run_id = started.ok ? started.run_id : ""
      w.registry.ownerClosed(one)
      await w.clock.advanceAsync(GRACE_MS - 1)
      isSlow = true
      const comeBack = () =>
        how === "turn" ? append(w, two, run_id) : w.registry.start(two, everyone, { run_id })
      const returning = isEndFirst ? undefined : comeBack()
      w.clock.advance(1)
      const reply = returning ?? comeBack()
      for (let left = 20; left > 0; left--) {
        for (const resolve of waits.splice(0)) resolve()
        await settle()
      }
      expect(await reply).toMatchObject({ ok: true })
      isSlow = false
      await w.clock.advanceAsync(5_000)
      expect(await read(w, run_id)).toMatchObject({ status: "in_progress", connected: true })
      expect(w.live.get(run_id)?.owner).toBe(two)
      const last = w.calls.filter(([name]) => name === "runChanged" || name === "runEnded").at(-1)
      expect(last).toMatchObject(["runChanged", { status: "in_progress" }])
    }
  },
)

test("I4: after a restart, an incomplete run can still be reopened, and a reopened one gets its full grace period", async () => {
  const store = new MemoryRunStore()
  const before = registryWorld({ store })
  const [lost, reopened] = [await anIncompleteRun(before), await anIncompleteRun(before)]
  await append(before, anOwner("second"), reopened)
  await before.registry.close()
  const w = registryWorld({ store })
  await w.registry.open()
  expect(await append(w, anOwner("third"), lost)).toMatchObject({ ok: true, base_index: 1 })
  await w.clock.advanceAsync(GRACE_MS - 1)
  expect((await read(w, reopened))?.status).toBe("in_progress")
  await w.clock.advanceAsync(1)
  expect(await read(w, reopened)).toMatchObject({ status: "incomplete", reopenings: 1 })
  expect(await read(w, lost)).toMatchObject({ status: "in_progress", connected: true })
})

test("late turns reopen a run whose end was inferred", async () => {
  const w = registryWorld()
  const owner = anOwner()
  const started = await w.registry.start(owner, everyone, { intent: "x", agent_id: "a" })
  const run_id = started.ok ? started.run_id : ""
  const end = { run_id, outcome: { status: "done" as const }, inferred: true }
  await w.registry.complete(owner, everyone, end)
  expect((await read(w, run_id))?.termination).toMatchObject({ inferred: true })
  expect(await append(w, owner, run_id)).toMatchObject({ ok: true })
  expect(await read(w, run_id)).toMatchObject({ status: "in_progress", connected: true })
  expect(await w.registry.complete(owner, everyone, end)).toEqual({ ok: true, run_id })
})
