import { afterEach, beforeEach, expect, test } from "vitest"
import { aServer, aToken, type TestServer } from "@/lib/testing/aServer"

let server: TestServer
let runId: string
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

beforeEach(async () => {
  server = await aServer()
  const agent = await server.connect(server.agent)
  const started = await agent.emitWithAck("runs.start", { agent_id: "ci/1", intent: "Fix the build" })
  if (!started.ok) throw new Error(started.error.message)
  runId = started.run_id
  const turns = Array.from({ length: 5 }, (_, index) => ({ message: `turn ${index}\n\u2028é` }))
  await agent.emitWithAck("runs.record_turns", { run_id: runId, turns })
  await agent.emitWithAck("runs.complete", { run_id: runId, outcome: { status: "success", summary: "done" } })
})
afterEach(() => server.close())

const exportOf = async (id: string, format = "jsonl") =>
  (await server.fetch(`/api/runs/${id}/export?format=${format}`, { headers: bearer(server.viewer) })).body

async function post(body: string, headers: Record<string, string> = {}, token = server.agent) {
  const reply = await server.fetch("/api/import", {
    method: "POST",
    body,
    headers: { ...bearer(token), ...headers },
  })
  return { status: reply.status, body: JSON.parse(reply.body) }
}

test("importing the export of a deleted run restores it byte for byte", async () => {
  const lines = await exportOf(runId)
  const viewer = await server.connect(server.viewer)
  await viewer.emitWithAck("runs.delete", { run_id: runId })
  expect(await post(lines)).toEqual({ status: 201, body: { run_id: runId, agent_id: "ci/1", turns: 5 } })
  expect(await exportOf(runId)).toBe(lines)
})

test("a JSON document can be imported, too, and gets a new id if its id is taken", async () => {
  const reply = await post(await exportOf(runId, "json"), { "content-type": "application/json" })
  expect(reply).toMatchObject({ status: 201, body: { turns: 5 } })
  const imported: string = reply.body.run_id
  expect(imported).not.toBe(runId)
  expect(await exportOf(imported)).toBe((await exportOf(runId)).replace(runId, imported))
})

test("lines may end with CR LF, and empty lines are ignored", async () => {
  const reply = await post((await exportOf(runId)).replaceAll("\n", "\r\n\r\n"))
  expect(reply).toMatchObject({ status: 201, body: { turns: 5 } })
})

test("the error for a broken line has its number", async () => {
  const lines = (await exportOf(runId)).replace('"index":3', '"index":9')
  expect(await post(lines)).toEqual({
    status: 400,
    body: { error: { code: "invalid_params", message: "Record 5: expected turn 3, found turn 9." } },
  })
})

test.each([
  ["{", { "content-type": "application/json" }, /isn't valid JSON/],
  ["{}", { "content-type": "application/json" }, /no list of records/],
  ["", {}, /no records/],
  ["nonsense", {}, /^Record 1: isn't valid JSON/],
])("%j is refused with a message", async (body, headers, message) => {
  const reply = await post(body, headers as Record<string, string>)
  expect(reply.status).toBe(400)
  expect(reply.body.error.message).toMatch(message)
})

test.each([
  ["agent_name", "x".repeat(100_000)],
  ["client_id", "x".repeat(100_000)],
  ["intent", "x".repeat(1_000_000)],
  ["outcome_description", "x".repeat(1_000_000)],
  ["labels", { long: "x".repeat(100_000) }],
  ["labels", Object.fromEntries(Array.from({ length: 1_000 }, (_, n) => [`l${n}`, "x"]))],
])("an overlong %s is refused, as when a run starts", async (field, value) => {
  const [head, ...rest] = (await exportOf(runId)).split("\n")
  const long = JSON.stringify({ ...JSON.parse(head ?? ""), [field]: value })
  const reply = await post([long, ...rest].join("\n"))
  expect(reply.status).toBe(400)
  expect(reply.body.error.message).toMatch(/^Record 1: /)
})

test("a document that is nested too deeply is refused with a message", async () => {
  const deep = `{"records":[${"[".repeat(50_000)}${"]".repeat(50_000)}]}`
  const reply = await post(deep, { "content-type": "application/json" })
  expect(reply).toMatchObject({
    status: 400,
    body: { error: { message: "The document is nested too deeply." } },
  })
})

test("a token that may not write as the run's agent can't import", async () => {
  const other = await aToken(server.accessStore, { write: ["cd/*"] })
  expect(await post(await exportOf(runId), {}, other)).toMatchObject({
    status: 403,
    body: { error: { code: "forbidden", message: expect.stringContaining("cd/*") } },
  })
  expect((await post(await exportOf(runId), {}, server.viewer)).status).toBe(403)
  // The request is refused before its body is read.
  const document = { "content-type": "application/json" }
  expect((await post("not JSON", document, server.viewer)).status).toBe(403)
})
