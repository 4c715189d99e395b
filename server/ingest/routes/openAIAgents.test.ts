import { describe, expect, test } from "vitest"
import { startIngest } from "@/server/ingest/testing/ingestServer"

describe("OpenAI Agents over HTTP", () => {
  test("traces and spans become a run", async () => {
    const { post, endedRuns } = await startIngest()
    const at = (seconds: number) => new Date(1_767_225_600_000 + seconds * 1_000).toISOString()
    const item = (id: string, parent: string | null, span_data: object) => ({
      object: "trace.span",
      id,
      trace_id: "trace_1",
      parent_id: parent,
      started_at: at(0),
      ended_at: at(1),
      span_data,
      error: null,
    })
    const data = [
      { object: "trace", id: "trace_1", workflow_name: "Support", group_id: "g" },
      item("s1", "a", {
        type: "generation",
        model: "m",
        input: [{ role: "user", content: "Hi" }],
        output: [{ role: "assistant", content: "Hello" }],
        usage: { input_tokens: 1, output_tokens: 1 },
      }),
      item("a", null, { type: "agent", name: "Greeter" }),
    ]
    expect((await post(JSON.stringify({ data }), { path: "/v1/traces/ingest" })).status).toBe(200)
    const [run] = await endedRuns(1)
    expect(run).toMatchObject({ agent_id: "openai-agents/Support", labels: { session: "g" }, cursor: 1 })
    expect((await post("[1", { path: "/v1/traces/ingest" })).status).toBe(400)
  })

  test("an item that can't be read is reported, and the others of its request are accepted", async () => {
    const server = await startIngest()
    const span = {
      ...{ object: "trace.span", id: "s1", trace_id: "trace_1", parent_id: null },
      ...{ started_at: "2026-01-01T00:00:00Z", ended_at: "2026-01-01T00:00:01Z", error: null },
      span_data: { type: "agent", name: "Greeter" },
    }
    const broken = [7, null, { ...span, id: undefined }, { ...span, span_data: "x" }]
    const data = [
      ...broken,
      { object: "trace", id: "trace_1", workflow_name: "Support" },
      span,
      { object: "new" },
    ]
    const send = (items: unknown[]) =>
      server.post(JSON.stringify({ data: items }), { path: "/v1/traces/ingest" })
    const response = await send(data)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ refused: 4, detail: "An item isn't an object." })
    expect(await server.endedRuns(1)).toMatchObject([{ agent_id: "openai-agents/Support" }])
    const reply = await (await server.connect(server.viewer)).emitWithAck("ingest.watch", {})
    expect(reply.ok && reply.recent).toMatchObject([
      { ok: true, records: 7, refused: 4 },
      { ok: false, message: "Refused 4 of 7 records. An item isn't an object." },
    ])
    const none = await send(broken)
    expect([none.status, await none.json()]).toMatchObject([400, { detail: "An item isn't an object." }])
  })
})
