import { afterEach, beforeEach, expect, test } from "vitest"
import { COMMANDS } from "@/lib/protocol/catalog"
import { aServer, aToken, type TestClient, type TestServer } from "@/lib/testing/aServer"

/** The commands with a `run_id`, and their other fields. */
const COMMANDS_WITH_RUN: Record<string, object> = {
  "runs.start": {},
  "runs.record_turns": { turns: [{ message: "x" }], idempotency_key: "the-one-key" },
  "runs.report_progress": { progress: { text: "x" } },
  "runs.complete": { outcome: { status: "done" } },
  "runs.cancel": { reason: "x" },
  "runs.delete": {},
  "runs.subscribe": { cursor: 1 },
  "runs.unsubscribe": {},
  "runs.get_trace": { cursor: 1 },
  "runs.get_turn": { index: 0 },
  "runs.get_outline": {},
  "runs.search_turns": { q: "x" },
  "runs.update": { intent: "x" },
}
const COMMANDS_WITHOUT_RUN = ["runs.list", "runs.watch", "runs.unwatch", "ingest.watch", "ingest.unwatch"]

let server: TestServer
let theirs: TestClient
let spy: TestClient
beforeEach(async () => {
  server = await aServer()
  theirs = await server.connect(server.agent)
  const token = await aToken(server.accessStore, { write: ["b"], control: true })
  spy = await server.connect(token)
})
afterEach(() => server.close())

type Asked = { emitWithAck(event: string, payload: object): Promise<object> }
const ask = (client: TestClient, event: string, payload: object) =>
  (client as unknown as Asked).emitWithAck(event, payload)

async function aRun(client: TestClient, agent_id: string): Promise<string> {
  const started = await client.emitWithAck("runs.start", { intent: "test", agent_id })
  if (!started.ok) throw new Error(started.error.message)
  const batch = { run_id: started.run_id, turns: [{ message: "x" }], idempotency_key: "the-one-key" }
  await client.emitWithAck("runs.record_turns", batch)
  return started.run_id
}

/** Returns the reply as JSON, without the requested id and the time. */
async function replyOf(event: string, run_id: string): Promise<string> {
  const text = JSON.stringify(await ask(spy, event, { run_id, ...COMMANDS_WITH_RUN[event] }))
  return text.replaceAll(JSON.stringify(run_id), '"ID"').replace(/"server_time":"[^"]*"/, "")
}

test("S5: every command is either tested here or has no `run_id`", () => {
  expect([...Object.keys(COMMANDS_WITH_RUN), ...COMMANDS_WITHOUT_RUN].sort()).toEqual(
    Object.keys(COMMANDS).sort(),
  )
})

test.each(Object.keys(COMMANDS_WITH_RUN))(
  "I29 S5: %s returns the same bytes for unknown, foreign, ended, deleted and impossible runs",
  async (event) => {
    const foreign = await aRun(theirs, "a")
    const ended = await aRun(theirs, "a")
    await theirs.emitWithAck("runs.complete", { run_id: ended, outcome: { status: "done" } })
    const deleted = await aRun(spy, "b")
    await spy.emitWithAck("runs.complete", { run_id: deleted, outcome: { status: "done" } })
    expect(await spy.emitWithAck("runs.delete", { run_id: deleted })).toMatchObject({ ok: true })
    const unknown = await replyOf(event, "unknown")
    expect(unknown).toContain(event === "runs.unsubscribe" ? '"removed":false' : '"not_found"')
    const impossible = [
      "../../etc/passwd",
      "%00",
      "run:x",
      "__proto__",
      theirs.id ?? "",
      "'; --",
      "\u202e",
      "é".repeat(64),
    ]
    for (const run_id of [foreign, ended, deleted, ...impossible])
      expect(await replyOf(event, run_id), run_id).toBe(unknown)
  },
)

test("S5: a start with another agent's idempotency key creates a new run", async () => {
  const start = { intent: "test", idempotency_key: "shared-key" }
  const first = await theirs.emitWithAck("runs.start", { ...start, agent_id: "a" })
  const second = await spy.emitWithAck("runs.start", { ...start, agent_id: "b" })
  expect(second).toMatchObject({ ok: true, created: true })
  expect(second.ok && second.run_id).not.toBe(first.ok && first.run_id)
})
