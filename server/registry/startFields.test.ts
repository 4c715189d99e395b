import { expect, test } from "vitest"
import { anOwner, aPrincipal, aTurn } from "@/lib/testing/builders"
import { settle } from "@/lib/testing/fakeClock"
import { registryWorld } from "@/lib/testing/registryWorld"

const everyone = aPrincipal()
type World = ReturnType<typeof registryWorld>
type Start = Parameters<World["registry"]["start"]>[2]

async function started(w: World, more: Partial<Start> = {}, owner = anOwner()): Promise<string> {
  const reply = await w.registry.start(owner, everyone, { intent: "x", agent_id: "a", ...more } as Start)
  if (!reply.ok) throw new Error(JSON.stringify(reply))
  return reply.run_id
}
const read = (w: World, run_id: string) => w.queries.get(everyone, run_id)

test("a run has the start time that its agent reports, in UTC", async () => {
  const w = registryWorld()
  const run_id = await started(w, { started_at: "2020-01-01T02:00:00+02:00" })
  expect((await read(w, run_id))?.started_at).toBe("2020-01-01T00:00:00.000Z")
})

test("a summary has the source, the grace period and the run that it continues", async () => {
  const w = registryWorld()
  const source = { name: "claude-code", version: "2.1", session: "s-1" }
  const more = { source, grace_ms: 5_000, continues: { run_id: "earlier" } }
  expect(await read(w, await started(w, more))).toMatchObject(more)
})

test("a summary has the first 4 KiB of the intent, and the trace has all of it", async () => {
  const w = registryWorld()
  const intent = "é".repeat(30_000)
  const run_id = await started(w, { intent })
  expect((await read(w, run_id))?.intent).toBe("é".repeat(2_048))
  const trace = await w.queries.getTrace(everyone, { run_id })
  expect(trace.ok && trace.records[0]).toMatchObject({ record: "started", intent })
})

test("a run waits for its agent for the grace period that it was started with", async () => {
  const w = registryWorld({ limits: { graceMs: 30_000 } })
  const owner = anOwner()
  const run_id = await started(w, { grace_ms: 120_000 }, owner)
  const short = await started(w, { grace_ms: 1_000 }, owner)
  w.registry.ownerClosed(owner)
  await w.clock.advanceAsync(1_000)
  expect((await read(w, short))?.status).toBe("incomplete")
  await w.clock.advanceAsync(118_999)
  expect((await read(w, run_id))?.status).toBe("in_progress")
  await w.clock.advanceAsync(1)
  expect((await read(w, run_id))?.status).toBe("incomplete")
})

test("viewers of a run are notified of the run that continues it", async () => {
  const w = registryWorld()
  const earlier = await started(w)
  const later = await started(w, { continues: { run_id: earlier } })
  await settle()
  expect(w.calls.at(-1)).toMatchObject(["runChanged", { run_id: earlier, continued_by: { run_id: later } }])
  expect((await read(w, earlier))?.continued_by).toEqual({ run_id: later })
})

test("an update changes the summary and is published", async () => {
  const w = registryWorld()
  const run_id = await started(w, { labels: { a: "1" } })
  w.calls.length = 0
  const changes = { intent: "better", agent_name: "Robby", labels: { b: "2" } }
  expect(await w.registry.update(anOwner(), everyone, { run_id, ...changes })).toEqual({ ok: true, run_id })
  const expected = { intent: "better", agent_name: "Robby", labels: { a: "1", b: "2" } }
  expect(w.calls).toMatchObject([["runChanged", { run_id, ...expected }]])
  expect(await read(w, run_id)).toMatchObject(expected)
})

test("an update of another agent's run gets the same reply as one of an unknown run", async () => {
  const w = registryWorld()
  const run_id = await started(w)
  const other = aPrincipal({ write: ["b"] })
  const update = (id: string) => w.registry.update(anOwner("o2"), other, { run_id: id, intent: "mine" })
  expect(await update(run_id)).toEqual(await update("none"))
  expect((await read(w, run_id))?.intent).toBe("x")
})

test("an update with too many labels is refused and names the field", async () => {
  const w = registryWorld()
  const run_id = await started(w, { labels: { a: "1" } })
  const labels = Object.fromEntries(Array.from({ length: 32 }, (_, at) => [`l${at}`, "x"]))
  expect(await w.registry.update(anOwner(), everyone, { run_id, labels })).toMatchObject({
    ok: false,
    error: { code: "invalid_params", issues: [{ path: "labels" }] },
  })
})

test("progress sent with turns is published after them", async () => {
  const w = registryWorld()
  const owner = anOwner()
  const run_id = await started(w, {}, owner)
  w.calls.length = 0
  const progress = { waiting_for: "approval of: git push", waiting_kind: "approval" as const }
  await w.registry.recordTurns(owner, everyone, { run_id, turns: [aTurn()], progress })
  expect(w.calls.map(([name]) => name)).toEqual(["turnsStored", "progressChanged", "runChanged"])
  expect(w.calls[1]).toMatchObject(["progressChanged", { cursor: 1 }, progress])
})

test("a summary has the reason for waiting and its start", async () => {
  const w = registryWorld()
  const owner = anOwner()
  const run_id = await started(w, {}, owner)
  const report = (progress: object) => w.registry.reportProgress(owner, everyone, { run_id, progress })
  await report({ tool: "Bash" })
  expect(await read(w, run_id)).not.toHaveProperty("waiting_since")
  await w.clock.advanceAsync(5_000)
  await report({ waiting_for: "you", waiting_kind: "answer" })
  await w.clock.advanceAsync(5_000)
  await report({ text: "still" })
  expect(await read(w, run_id)).toMatchObject({
    waiting_since: "2026-01-01T00:00:05.000Z",
    activity: { waiting_for: "you", waiting_kind: "answer" },
  })
  await report({ waiting_for: "" })
  expect(await read(w, run_id)).not.toHaveProperty("waiting_since")
})
