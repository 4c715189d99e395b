import { beforeEach, expect, test } from "vitest"
import type { Principal } from "@/lib/protocol/access"
import { anOwner, aPrincipal, aTurn } from "@/lib/testing/builders"
import { settle } from "@/lib/testing/fakeClock"
import { registryWorld } from "@/lib/testing/registryWorld"
import { IngestService } from "@/server/ingest/IngestService"
import { isoTime } from "@/server/platform/Clock"
import { MemoryIngestStore } from "@/server/store/memory/MemoryIngestStore"

const SESSION = "5f0c9d2e-aaaa"
const KEY = `claude-code:${SESSION}`
const SOURCE = { name: "claude-code", session: SESSION }
const everyone = aPrincipal()

let w: ReturnType<typeof registryWorld>
let requests: MemoryIngestStore
let service: IngestService

beforeEach(() => {
  w = registryWorld()
  requests = new MemoryIngestStore()
  service = open()
})

function open(): IngestService {
  return new IngestService({
    ...{ store: requests, runs: w.store, registry: w.registry, clock: w.clock, maxTurnBytes: 1_000_000 },
    logError: (error) => {
      throw error
    },
    settings: { maxBytes: 1e7, maxUnpackedBytes: 1e7 } as IngestService["settings"],
  })
}

const on = (hook_event_name: string, fields: object = {}) => ({ hook_event_name, ...fields })
const prompt = (text: string) => on("UserPromptSubmit", { prompt: text })
const call = { tool_name: "Bash", tool_input: { command: "make" }, tool_use_id: "c1" }
const result = { ...call, tool_response: { stdout: "ok", stderr: "" }, duration_ms: 40 }
const answer = (text: string) => on("Stop", { last_assistant_message: text })
const END = on("SessionEnd", { reason: "other" })

async function post(...events: object[]): Promise<void> {
  await postAs(everyone, {}, ...events)
}

async function postAs(principal: Principal, fields: object, ...events: object[]): Promise<void> {
  for (const event of events) {
    const body = { session_id: SESSION, cwd: "/home/ada/shop", ...fields, ...event }
    await service.accept(principal, "claude-code-hooks", [{ event: body, at: isoTime(w.clock.now()) }])
    await w.clock.advanceAsync(10)
  }
}

/** Waits as long as hooks wait for a watcher to start writing. */
const hold = () => w.clock.advanceAsync(2_500)
async function runs() {
  const list = await w.queries.list(everyone, {})
  if (!list.ok) throw new Error("no list")
  return list.runs.toSorted((a, b) => a.started_at.localeCompare(b.started_at))
}
async function turns(run_id: string) {
  const trace = await w.queries.getTrace(everyone, { run_id })
  if (!trace.ok) throw new Error("no trace")
  return trace.records.flatMap((record) => (record.record === "turn" ? [record] : []))
}
async function onlyRun() {
  const list = await runs()
  expect(list).toHaveLength(1)
  if (list[0] === undefined) throw new Error("no run")
  return list[0]
}

/** Starts or finds the session's run, as a watcher does. */
async function watch(agent_id = "claude-code/shop", owner = anOwner()) {
  const reply = await w.registry.start(owner, everyone, {
    ...{ agent_id, intent: "watched", idempotency_key: KEY, source: SOURCE },
    ...{ labels: { session: SESSION }, started_at: isoTime(w.clock.now()) },
  })
  if (!reply.ok) throw new Error(reply.error.code)
  const record = (count: number, expected_index: number) =>
    w.registry.recordTurns(owner, everyone, {
      run_id: reply.run_id,
      turns: Array(count).fill(aTurn({ call_id: "watched" })),
      expected_index,
    })
  return { ...reply, record, owner }
}

test("the first event starts the run and reports its progress; its turns follow a moment later", async () => {
  await post(prompt("Fix it"), on("PreToolUse", call))
  const run = await onlyRun()
  expect(run).toMatchObject({ agent_id: "claude-code/shop", intent: "Fix it", cursor: 0, source: SOURCE })
  expect(run.activity).toMatchObject({ tool: "Bash" })
  await hold()
  expect(await onlyRun()).toMatchObject({ cursor: 1, labels: { recorded_by: "hooks" } })
})

test("a session becomes a completed run with its turns in order", async () => {
  await post(prompt("Fix it"), on("PreToolUse", call), on("PostToolUse", result), answer("Done."), END)
  await hold()
  const run = await onlyRun()
  expect(run.termination).toMatchObject({ outcome: { status: "done", summary: "Done." } })
  expect((await turns(run.run_id)).map(({ kind }) => kind)).toEqual(["human", "tool", "model"])
})

test("the next process is a run that continues the first", async () => {
  await post(prompt("One"), answer("1"), END)
  await hold()
  await post(prompt("Two"), answer("2"), END)
  await hold()
  const [first, second] = await runs()
  expect(second).toMatchObject({ intent: "Two", continues: { run_id: first?.run_id }, cursor: 2 })
})

test("two processes in quick succession are two runs", async () => {
  await post(prompt("One"), answer("1"), END, prompt("Two"), answer("2"), END)
  await hold()
  await hold()
  expect((await runs()).map(({ intent, cursor, status }) => [intent, cursor, status])).toEqual([
    ["One", 2, "completed"],
    ["Two", 2, "completed"],
  ])
})

test("a sub-agent becomes its own run, linked from the call that started it", async () => {
  const agent = { agent_id: "a1", agent_type: "Explore" }
  const spawn = { tool_name: "Agent", tool_input: { prompt: "Look" }, tool_use_id: "c2" }
  await post(
    prompt("Go"),
    on("PreToolUse", spawn),
    on("SubagentStart", agent),
    on("PreToolUse", { ...call, ...agent }),
    on("PostToolUse", { ...result, ...agent }),
    on("SubagentStop", { ...agent, last_assistant_message: "Found." }),
    on("PostToolUse", { ...spawn, tool_response: { agentId: "a1" } }),
    END,
  )
  await hold()
  const [root, child] = await runs()
  expect(child).toMatchObject({ parent: { run_id: root?.run_id }, intent: "Explore", status: "completed" })
  expect((await turns(root?.run_id ?? "")).at(-1)).toMatchObject({ child_run_id: child?.run_id })
})

test("hooks add no turns to a run that a watcher writes", async () => {
  await post(prompt("Fix it"))
  const watched = await watch()
  expect(watched).toMatchObject({ created: false, cursor: 0 })
  await watched.record(2, 0)
  await post(on("PreToolUse", call), on("PostToolUse", result), END)
  await hold()
  expect(await onlyRun()).toMatchObject({ cursor: 2, status: "in_progress" })
  await w.clock.advanceAsync(15_000)
  expect(await onlyRun()).toMatchObject({ cursor: 2, status: "completed" })
  expect(await watched.record(1, 2)).toMatchObject({ ok: true })
  expect(await onlyRun()).toMatchObject({ cursor: 3, status: "in_progress" })
})

test("a watcher that starts later is notified that hooks write the run", async () => {
  await post(prompt("Fix it"))
  await hold()
  expect(await watch()).toMatchObject({ created: false, cursor: 1, recorded_by: "hooks" })
})

test("hooks stop writing a run if a watcher writes the first turn before them", async () => {
  await post(on("PreToolUse", call))
  await hold()
  const watched = await watch()
  await watched.record(1, 0)
  await post(on("PostToolUse", result))
  const run = await onlyRun()
  expect(run.cursor).toBe(1)
  expect(run.labels).not.toHaveProperty("recorded_by")
})

test("the next process of a watched session is left to the watcher", async () => {
  await post(prompt("One"))
  const watched = await watch()
  await watched.record(1, 0)
  await post(END, prompt("Two"))
  await hold()
  await hold()
  expect(await onlyRun()).toMatchObject({ cursor: 1 })
})

test("if the watcher is gone, hooks start the next process's run", async () => {
  await post(prompt("One"))
  const watched = await watch()
  await watched.record(1, 0)
  await post(END)
  await hold()
  w.registry.ownerClosed(watched.owner)
  await post(prompt("Two"))
  await hold()
  await hold()
  expect((await runs()).map(({ intent, cursor }) => [intent, cursor])).toEqual([
    ["One", 1],
    ["Two", 1],
  ])
})

test("a session is found from another working directory", async () => {
  const watched = await watch("claude-code/elsewhere")
  await watched.record(1, 0)
  await post(prompt("Fix it"))
  await hold()
  expect(await onlyRun()).toMatchObject({ agent_id: "claude-code/elsewhere", cursor: 1 })
})

test("after a restart, hooks continue the run", async () => {
  await post(prompt("Fix it"), on("PreToolUse", call))
  await service.close()
  service = open()
  await service.open()
  await hold()
  await post(on("PostToolUse", result))
  await service.close()
  service = open()
  await service.open()
  await post(answer("Done."), END)
  await hold()
  const run = await onlyRun()
  expect((await turns(run.run_id)).map(({ kind }) => kind)).toEqual(["human", "tool", "model"])
  expect(run.status).toBe("completed")
})

test("stored events are deleted once their run has ended", async () => {
  await post(prompt("Fix it"), answer("Done."), END)
  await hold()
  await service.close()
  expect(await requests.listRequests({ after: 0, limit: 10 })).toEqual([])
})

test("replaying the events of an ended run changes nothing", async () => {
  await post(prompt("Fix it"), answer("Done."))
  const kept = await requests.listRequests({ after: 0, limit: 10 })
  await post(END)
  await hold()
  for (const { id: _, records, ...request } of kept)
    await requests.addRequests({ ...request, records: [records] })
  service = open()
  await service.open()
  await hold()
  expect(await onlyRun()).toMatchObject({ cursor: 2, status: "completed" })
})

test("a session that is silent for an hour ends as incomplete until its next event", async () => {
  await post(prompt("Fix it"))
  await w.clock.advanceAsync(3_700_000)
  expect(await onlyRun()).toMatchObject({ status: "incomplete", cursor: 1 })
  await post(answer("Done."))
  await hold()
  expect(await onlyRun()).toMatchObject({ status: "in_progress", cursor: 2 })
})

test("tokens don't reach each other's sessions", async () => {
  await post(prompt("Mine"))
  await hold()
  const other = aPrincipal({ token_id: "token-2", write: ["claude-code/other"] })
  await postAs(other, { cwd: "/srv/other" }, prompt("Theirs"))
  await hold()
  await settle()
  expect((await runs()).map(({ intent, agent_id }) => [intent, agent_id])).toEqual([
    ["Mine", "claude-code/shop"],
    ["Theirs", "claude-code/other"],
  ])
})
