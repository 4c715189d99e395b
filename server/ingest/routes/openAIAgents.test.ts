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
})
