import { deflateRawSync, deflateSync, gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { aServer } from "@/lib/testing/aServer"
import { agentTrace, span } from "@/server/ingest/testing/agentTrace"
import { encodeTraces } from "@/server/ingest/testing/encodeOtlp"
import { type Sent, startIngest } from "@/server/ingest/testing/ingestServer"
import { zstdFrame } from "@/server/ingest/testing/zstdFrame"

const TRACE = "0af7651916cd43dd8448eb211c80319c"

describe("OTLP over HTTP", () => {
  const json = () => JSON.stringify(agentTrace(TRACE))
  const base64Ids = () =>
    json().replace(
      /"(traceId|spanId|parentSpanId)":"([0-9a-f]+)"/g,
      (_, name, id) => `"${name}":"${Buffer.from(id, "hex").toString("base64")}"`,
    )
  const protobuf = { headers: { "content-type": "application/x-protobuf" } }
  const encoded = (name: string) => ({ headers: { "content-encoding": name } })

  test.each<[string, () => string | Uint8Array, Sent]>([
    ["JSON", json, {}],
    ["JSON with base64 ids", base64Ids, {}],
    ["JSON with times as numbers", () => json().replace(/"(\d{19})"/g, "$1"), {}],
    ["protobuf", () => encodeTraces(agentTrace(TRACE)), protobuf],
    ["gzip", () => gzipSync(json()), encoded("gzip")],
    ["deflate", () => deflateSync(json()), encoded("deflate")],
    ["raw deflate", () => deflateRawSync(json()), encoded("deflate")],
    ["zstd", () => zstdFrame(Buffer.from(json())), encoded("zstd")],
    ["Langfuse's path", json, { path: "/api/public/otel/v1/traces" }],
    ["LangSmith's path", json, { path: "/otel/v1/traces" }],
  ])("%s becomes the same run", async (_, body, options) => {
    const { post, endedRuns } = await startIngest()
    const response = await post(body(), options)
    expect(response.status).toBe(200)
    const [run] = await endedRuns(1)
    expect(run).toMatchObject({
      agent_id: "otel/shop",
      agent_name: "planner",
      intent: "Weather?",
      status: "completed",
      cursor: 3,
      started_at: "2026-01-01T00:00:00.000Z",
      labels: { trace_id: TRACE },
      source: { name: "otlp" },
      totals: { input_tokens: 30, output_tokens: 5, model_turns: 2, errors: 0 },
      termination: { outcome: { status: "success", summary: "13 degrees." }, inferred: true },
    })
  })

  test("responses have the request's encoding", async () => {
    const { post } = await startIngest()
    expect(await (await post(json())).json()).toEqual({})
    const binary = await post(encodeTraces(agentTrace(TRACE)), protobuf)
    expect(binary.headers.get("content-type")).toBe("application/x-protobuf")
    expect((await binary.arrayBuffer()).byteLength).toBe(0)
    const broken = await post(Buffer.from([0x0a, 0xff, 0xff]), protobuf)
    expect(broken.status).toBe(400)
    expect(broken.headers.get("content-type")).toBe("application/x-protobuf")
    expect(await broken.text()).toContain("Not an OTLP request")
  })

  test("metrics are accepted and ignored", async () => {
    const { post } = await startIngest()
    expect((await post("{}", { path: "/v1/metrics" })).status).toBe(200)
  })

  test("spans without ids are refused and counted, and the others are accepted", async () => {
    const { post, endedRuns } = await startIngest()
    const trace = agentTrace(TRACE)
    const scope = trace.resourceSpans[0]?.scopeSpans[0]
    const [span] = scope?.spans ?? []
    if (scope === undefined || span === undefined) throw new Error("no span")
    scope.spans.push({ ...span, traceId: "0".repeat(32) }, { ...span, spanId: "" })
    expect(await (await post(JSON.stringify(trace))).json()).toEqual({
      partialSuccess: { rejectedSpans: "2", errorMessage: "Some spans have no trace id or span id." },
    })
    expect(await endedRuns(1)).toMatchObject([{ cursor: 3 }])
  })

  test("a sender of a body that is too large gets a response, even while it is still sending", async () => {
    const { post } = await startIngest({ TURNLINE_INGEST_MAX_BYTES: "100000" })
    expect((await post(" ".repeat(300_000))).status).toBe(413)
    expect((await post(json())).status).toBe(200)
  })

  test("broken bodies get 400 without a retry-after header", async () => {
    const { post } = await startIngest()
    for (const body of ["{", "[]", '"x"', '{"resourceSpans":1}']) {
      const response = await post(body)
      expect(response.status).toBe(400)
      expect(response.headers.get("retry-after")).toBeNull()
    }
    const logs = await post('{"resourceLogs":1}', { path: "/v1/logs" })
    expect([logs.status, await logs.text()]).toEqual([
      400,
      expect.stringContaining("resourceLogs must be a list"),
    ])
    const encodedWrong = await post("not gzip", encoded("gzip"))
    expect(encodedWrong.status).toBe(400)
    expect((await post("x", encoded("br"))).status).toBe(415)
  })

  test("a second port accepts only OTLP", async () => {
    const other = await aServer()
    const port = other.port
    await other.close()
    const { endedRuns, agent } = await startIngest({ TURNLINE_OTLP_PORT: String(port) })
    const headers = { "content-type": "application/json", authorization: `Bearer ${agent}` }
    const response = await fetch(`http://127.0.0.1:${port}/v1/traces`, {
      method: "POST",
      headers,
      body: json(),
    })
    expect(response.status).toBe(200)
    expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(404)
    await endedRuns(1)
  })

  test("a byte order mark before the JSON is ignored, in every format", async () => {
    const { post, endedRuns } = await startIngest()
    expect((await post(`\uFEFF${json()}`)).status).toBe(200)
    await endedRuns(1)
    const run = { id: "r1", trace_id: "r1", name: "x", run_type: "chain" }
    const batch = `\uFEFF${JSON.stringify({ post: [run] })}`
    expect((await post(batch, { path: "/runs/batch" })).status).toBe(202)
    const items = `\uFEFF${JSON.stringify({ data: [{ object: "trace", id: "t" }] })}`
    expect((await post(items, { path: "/v1/traces/ingest" })).status).toBe(200)
  })

  test("a span that can't be read is counted, and the others of its request are accepted", async () => {
    const { post, endedRuns } = await startIngest()
    const trace = agentTrace(TRACE)
    const broken = { ...span(TRACE, 77, undefined, "BREAK", 0, {}) }
    trace.resourceSpans[0]?.scopeSpans[0]?.spans.push(broken)
    const bytes = Buffer.from(encodeTraces(trace))
    // The length of the name now runs past the end of its span.
    bytes[bytes.indexOf("BREAK") - 1] = 0x7f
    const json = JSON.stringify(trace, (_, value) => (value?.name === "BREAK" ? 7 : value))
    const inProtobuf = await post(bytes, { headers: { "content-type": "application/x-protobuf" } })
    expect(inProtobuf.status).toBe(200)
    expect(Buffer.from(await inProtobuf.arrayBuffer()).toString()).toContain("Some records can't be read.")
    const inJson = await post(json)
    expect(await inJson.json()).toEqual({
      partialSuccess: { rejectedSpans: "1", errorMessage: "Some records can't be read." },
    })
    expect(await endedRuns(1)).toMatchObject([{ cursor: 3 }])
    const alone = { resourceSpans: [{ scopeSpans: [{ spans: [7] }] }] }
    expect((await post(JSON.stringify(alone))).status).toBe(400)
  })
})
