import { afterEach, expect, test } from "vitest"
import { agentTrace } from "@/server/ingest/testing/agentTrace"
import { type IngestServer, startIngest } from "@/server/ingest/testing/ingestServer"
import { MemoryIngestStore } from "@/server/store/memory/MemoryIngestStore"

const SECRET = `ghp_${"a1B2".repeat(9)}`
const URL = `GET https://example.com/?token=${SECRET}`
let server: IngestServer | undefined

afterEach(async () => {
  await server?.close()
  server = undefined
})

function otlp(): string {
  const trace = agentTrace("0af7651916cd43dd8448eb211c80319c")
  for (const group of trace.resourceSpans[0]?.scopeSpans ?? []) {
    group.scope = { name: URL }
    for (const span of group.spans)
      Object.assign(span, { name: URL, events: [{ name: URL, timeUnixNano: "1" }] })
  }
  return JSON.stringify(trace)
}

test("no secret in any field is stored, in any format", async () => {
  const stored: string[] = []
  const add = MemoryIngestStore.prototype.addRequests
  MemoryIngestStore.prototype.addRequests = function (request) {
    stored.push(...request.records)
    return add.call(this, request)
  }
  try {
    server = await startIngest()
    const logs = {
      resourceLogs: [
        { scopeLogs: [{ logRecords: [{ eventName: URL, timeUnixNano: "1", body: { stringValue: "x" } }] }] },
      ],
    }
    const trace = { object: "trace", id: "t1", workflow_name: URL }
    const run = { id: "r1", trace_id: "r1", name: URL, session_name: URL, run_type: "chain" }
    const event = {
      hook_event_name: "PreToolUse",
      session_id: "s1",
      tool_name: URL,
      cwd: URL,
      transcript_path: URL,
    }
    await server.post(otlp())
    await server.post(JSON.stringify(logs), { path: "/v1/logs" })
    await server.post(JSON.stringify({ data: [trace] }), { path: "/v1/traces/ingest" })
    await server.post(JSON.stringify({ post: [run] }), { path: "/runs/batch" })
    await server.post(JSON.stringify(event), { path: "/ingest/claude-code/hooks" })
    await expect.poll(() => stored.length).toBe(5)
    expect(stored.join("\n")).not.toContain(SECRET)
  } finally {
    MemoryIngestStore.prototype.addRequests = add
  }
})
