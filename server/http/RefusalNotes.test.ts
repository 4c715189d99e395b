import { afterEach, beforeEach, expect, test } from "vitest"
import type { IngestNote } from "@/lib/protocol/events"
import { aServer, type TestServer } from "@/lib/testing/aServer"

let server: TestServer

beforeEach(async () => {
  server = await aServer()
})
afterEach(() => server.close())

async function notes(): Promise<Pick<IngestNote, "event" | "code" | "message">[]> {
  const viewer = await server.connect(server.viewer)
  const reply = await viewer.emitWithAck("ingest.watch", {})
  if (!reply.ok) throw new Error(reply.error.message)
  return reply.recent
}

test.each([
  ["POST", "/otlp/v1/traces", 405],
  ["PUT", "/v1/chat/completions", 405],
  ["POST", "/api/v1/runs", 404],
])(
  "%s %s, which isn't an endpoint, is recorded with a list of the endpoints",
  async (method, path, status) => {
    const response = await server.fetch(path, { method, body: "{}" })
    expect(response.status).toBe(status)
    const [note] = await notes()
    expect(note).toMatchObject({ event: `${method} ${path}`, code: "not_found" })
    expect(note?.message).toContain("OTLP goes to /v1/traces")
  },
)

test("Socket.IO below another path is recorded with the right path", async () => {
  const { status, body } = await server.fetch("/turnline/socket.io/?EIO=4&transport=polling")
  expect(status).toBe(404)
  expect(body).toContain("Connect to the server's address without a path.")
  expect(await notes()).toMatchObject([
    { event: "GET /turnline/socket.io/", code: "not_found", message: body },
  ])
})

test("a host name that isn't allowed is recorded with the setting that would allow it", async () => {
  await server.fetch("/v1/traces", { method: "POST", headers: { host: "evil.example" }, body: "{}" })
  const [note] = await notes()
  expect(note).toMatchObject({ event: "POST /v1/traces", code: "forbidden" })
  expect(note?.message).toContain("TURNLINE_ALLOWED_HOSTS")
})

test("an address gets at most one note a minute of each kind", async () => {
  for (let n = 0; n < 5; n++) await server.fetch(`/nowhere/${n}`, { method: "POST", body: "{}" })
  await server.fetch(`/${"x".repeat(3_000)}/socket.io/`)
  expect((await notes()).map(({ event }) => event.slice(0, 12))).toEqual(["POST /nowher", "GET /xxxxxxx"])
})
