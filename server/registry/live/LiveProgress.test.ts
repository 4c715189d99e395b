import { expect, test } from "vitest"
import type { Progress } from "@/lib/protocol/run"
import { anOwner, aPrincipal, aTurn } from "@/lib/testing/builders"
import { fakeClock } from "@/lib/testing/fakeClock"
import { registryWorld } from "@/lib/testing/registryWorld"
import { LiveProgress } from "./LiveProgress"
import { mergeProgress } from "./mergeProgress"

function aLiveProgress() {
  const clock = fakeClock()
  const published: (Progress | null)[] = []
  return { clock, published, live: new LiveProgress(clock, (progress) => published.push(progress)), me: {} }
}

test("given fields replace the previous ones, others stay; text replaces, then text_delta appends", () => {
  let now = mergeProgress({}, { tool: "Bash", text: "a" })
  now = mergeProgress(now, { model: "m", text_delta: "b" })
  expect(now).toEqual({ tool: "Bash", model: "m", text: "ab" })
  expect(mergeProgress(now, { text: "c", text_delta: "d" }).text).toBe("cd")
})

test("the newest 16 KiB of text are kept, at a character boundary", () => {
  const now = mergeProgress({ text: "é".repeat(8_192) }, { text_delta: "😀x" })
  expect(now.text).toBe(`${"é".repeat(8_189)}😀x`)
})

test("a large prompt is cut and large parameters are left out", () => {
  const now = mergeProgress({}, { prompt: "p".repeat(20_000), parameters: Array(9_000).fill("x".repeat(20)) })
  expect(now.prompt).toHaveLength(16_384)
  expect(now).not.toHaveProperty("parameters")
})

test("an empty waiting_for clears both waiting fields", () => {
  const waiting = { waiting_for: "you", waiting_kind: "answer" as const, tool: "Bash" }
  expect(mergeProgress(waiting, { waiting_for: "" })).toEqual({ tool: "Bash" })
})

test("a waiting_kind alone says that the agent is waiting", () => {
  expect(mergeProgress({}, { waiting_kind: "prompt" })).toEqual({
    ...{ waiting_kind: "prompt", waiting_for: "the next prompt" },
  })
})

test("a new waiting_for clears the previous waiting_kind", () => {
  const waiting = { waiting_for: "approval", waiting_kind: "approval" as const }
  expect(mergeProgress(waiting, { waiting_for: "a key" })).toEqual({ waiting_for: "a key" })
})

test("the first report is published immediately, later ones merged, at most 20 per second", () => {
  const { clock, published, live, me } = aLiveProgress()
  for (let ms = 0; ms < 1_000; ms++) {
    live.report(me, { text_delta: "x" })
    clock.advance(1)
  }
  expect(published[0]).toEqual({ text: "x" })
  expect(published.length).toBeLessThanOrEqual(21)
  expect(published.length).toBeGreaterThanOrEqual(19)
  clock.advance(50)
  expect(published.at(-1)?.text).toHaveLength(1_000)
})

test("a timer that fires after a clear publishes null, never the old progress", () => {
  const { clock, published, live, me } = aLiveProgress()
  live.report(me, { text: "a" })
  live.report(me, { text: "b" })
  live.clear()
  clock.advance(1_000)
  expect(published).toEqual([{ text: "a" }, null])
})

test("nothing is published after `stop`, and no timer is left", () => {
  const { clock, published, live, me } = aLiveProgress()
  live.report(me, { text: "a" })
  live.report(me, { text: "b" })
  live.stop()
  live.report(me, { text: "c" })
  clock.advance(1_000)
  expect(published).toEqual([{ text: "a" }])
  expect(clock.timers).toBe(0)
})

test("clearing progress that was never published publishes nothing", () => {
  const { clock, published, live } = aLiveProgress()
  live.clear()
  clock.advance(100)
  expect(published).toEqual([])
})

test("a report sent after a batch belongs to the next turn: it isn't merged, and the batch doesn't clear it", () => {
  const { live, me } = aLiveProgress()
  live.report(me, { tool: "Bash", text: "old" })
  const mark = live.startBatch()
  live.report(me, { text_delta: "new" })
  live.finishBatch(mark)
  expect(live.current).toEqual({ text: "new" })
})

test("progress sent with a batch replaces the previous progress once the batch is stored", () => {
  const { live, me } = aLiveProgress()
  live.report(me, { tool: "Bash", text: "old" })
  const mark = live.startBatch({ reporter: me, report: { tool: "Read" } })
  expect(live.current).toEqual({ tool: "Bash", text: "old" })
  live.finishBatch(mark)
  expect(live.current).toEqual({ tool: "Read" })
})

test("a report sent after a batch with progress is merged into that progress", () => {
  const { live, me } = aLiveProgress()
  const mark = live.startBatch({ reporter: me, report: { tool: "Read", text: "a" } })
  live.report(me, { text_delta: "b" })
  live.finishBatch(mark)
  expect(live.current).toEqual({ tool: "Read", text: "ab" })
})

test("if several batches are in progress, the last one decides", () => {
  const { live, me } = aLiveProgress()
  const one = live.startBatch({ reporter: me, report: { tool: "Read" } })
  const two = live.startBatch()
  live.finishBatch(one)
  expect(live.current).toEqual({ tool: "Read" })
  live.finishBatch(two)
  expect(live.current).toBeUndefined()
})

test("a batch that couldn't be stored changes nothing: reports still belong to the same turn", () => {
  const { live, me } = aLiveProgress()
  live.report(me, { tool: "Bash", text: "so far" })
  live.dropBatch(live.startBatch({ reporter: me, report: { tool: "Read" } }))
  live.report(me, { text_delta: ", and more" })
  expect(live.current).toEqual({ tool: "Bash", text: "so far, and more" })
})

test("a duplicate batch leaves the progress that was reported after the first one", () => {
  const { live, me } = aLiveProgress()
  live.finishBatch(live.startBatch())
  live.report(me, { tool: "Read" })
  live.finishBatch(live.startBatch(), true)
  expect(live.current).toEqual({ tool: "Read" })
})

test("a replacing report clears the fields that it doesn't have", () => {
  const { live, me } = aLiveProgress()
  live.report(me, { tool: "Bash", text: "old", waiting_for: "you" })
  live.report(me, { model: "m" }, true)
  expect(live.current).toEqual({ model: "m" })
})

test("activity has the time at which the agent started to wait", () => {
  const { clock, live, me } = aLiveProgress()
  live.report(me, { tool: "Bash", text: "é".repeat(300), started_at: "2025-12-31T23:59:00.000Z" })
  expect(live.activity()).toEqual({ since: "2025-12-31T23:59:00.000Z", tool: "Bash", text: "é".repeat(200) })
  clock.advance(5_000)
  live.report(me, { waiting_for: "you" })
  clock.advance(5_000)
  live.report(me, { text: "t" })
  expect(live.activity()).toMatchObject({
    since: "2026-01-01T00:00:05.000Z",
    waiting_for: "you",
    tool: "Bash",
  })
})

const everyone = aPrincipal()
async function aRunWithProgress() {
  const w = registryWorld()
  const owner = anOwner()
  const started = await w.registry.start(owner, everyone, { intent: "x", agent_id: "a" })
  const run_id = started.ok ? started.run_id : ""
  await w.registry.reportProgress(owner, everyone, { run_id, progress: { text: "x", waiting_for: "you" } })
  await w.clock.advanceAsync(100)
  w.calls.length = 0
  return { ...w, owner, run_id }
}

test("progress is cleared by the next stored turn, after the turn was published", async () => {
  const w = await aRunWithProgress()
  await w.registry.recordTurns(w.owner, everyone, { run_id: w.run_id, turns: [aTurn()] })
  expect(w.calls.map(([name]) => name)).toEqual(["turnsStored", "progressChanged", "runChanged"])
  expect(w.calls[1]).toMatchObject(["progressChanged", { cursor: 1 }, null])
})

test("progress is cleared by null, when the owner closes and, without an event, at the end", async () => {
  const one = await aRunWithProgress()
  await one.registry.reportProgress(one.owner, everyone, { run_id: one.run_id, progress: null })
  expect(one.calls).toMatchObject([
    ["progressChanged", {}, null],
    ["runChanged", {}],
  ])
  const two = await aRunWithProgress()
  two.registry.ownerClosed(two.owner)
  expect(two.calls[0]).toMatchObject(["progressChanged", {}, null])
  const three = await aRunWithProgress()
  await three.registry.complete(three.owner, everyone, { run_id: three.run_id, outcome: { status: "done" } })
  three.clock.advance(1_000)
  expect(three.calls.map(([name]) => name)).toEqual(["runEnded"])
})

test("the start and end of waiting are published and change the counts", async () => {
  const w = await aRunWithProgress()
  const waiting = async () => {
    const page = await w.queries.list(everyone, { waiting: true })
    return page.ok ? [page.runs.map((run) => run.run_id), page.counts.waiting] : []
  }
  expect(await waiting()).toEqual([[w.run_id], 1])
  await w.registry.reportProgress(w.owner, everyone, { run_id: w.run_id, progress: { text: "y" } })
  await w.clock.advanceAsync(100)
  expect(w.calls.map(([name]) => name)).toEqual(["progressChanged"])
  await w.registry.reportProgress(w.owner, everyone, { run_id: w.run_id, progress: { waiting_for: "" } })
  await w.clock.advanceAsync(100)
  expect(w.calls.at(-1)?.[0]).toBe("runChanged")
  expect(await waiting()).toEqual([[], 0])
})

test("progress of an ended run is refused; another agent's run gets the same reply as an unknown one", async () => {
  const w = await aRunWithProgress()
  const other = aPrincipal({ write: ["b"] })
  const report = (principal: typeof everyone, run_id: string) =>
    w.registry.reportProgress(w.owner, principal, { run_id, progress: { text: "z" } })
  expect(await report(other, w.run_id)).toEqual(await report(other, "none"))
  await w.registry.complete(w.owner, everyone, { run_id: w.run_id, outcome: { status: "done" } })
  expect(await report(everyone, w.run_id)).toMatchObject({
    error: { code: "already_terminal", status: "completed" },
  })
})

test("activity shows a tool's first argument until there is text", () => {
  const { live, me } = aLiveProgress()
  live.report(me, { tool: "Bash", parameters: { options: {}, command: "npm test\nexit" } })
  expect(live.activity()).toMatchObject({ tool: "Bash", text: "npm test" })
  live.report(me, { text: "1 passed" })
  expect(live.activity()).toMatchObject({ tool: "Bash", text: "1 passed" })
})
