import { describe, expect, test } from "vitest"
import { aToken } from "@/lib/testing/aServer"
import { eventually } from "@/lib/testing/eventually"
import { agentTrace, span, traces } from "@/server/ingest/testing/agentTrace"
import { type IngestServer, startIngest } from "@/server/ingest/testing/ingestServer"

const TRACE = "0af7651916cd43dd8448eb211c80319c"

let server: IngestServer

async function start(env: Record<string, string> = {}): Promise<IngestServer> {
  server = await startIngest(env)
  return server
}

describe("tokens", () => {
  test("a 401 names the headers that were checked", async () => {
    const { post } = await start()
    for (const token of [null, "tl_wrong"]) {
      const response = await post(JSON.stringify(agentTrace(TRACE)), { token })
      expect(response.status).toBe(401)
      expect((await response.json()).message).toMatch(/Authorization: Bearer.*Basic.*x-api-key/)
    }
  })

  test("the token may be sent as bearer token, as API key, or as the password of Basic", async () => {
    const { post } = await start()
    const token = server.agent
    const basic = Buffer.from(`pk-lf-1:${token}`).toString("base64")
    for (const headers of [{ "x-api-key": token }, { authorization: `Basic ${basic}` }])
      expect((await post(JSON.stringify(agentTrace(TRACE)), { token: null, headers })).status).toBe(200)
  })

  test("records that a token may not write are refused: with 403 if there are no others, otherwise as partial success", async () => {
    const { post, endedRuns } = await start()
    const token = await aToken(server.accessStore, { name: "shop", write: ["otel/shop"] })
    const forbidden = await post(JSON.stringify(agentTrace(TRACE, "bank")), { token })
    expect(forbidden.status).toBe(403)
    expect((await forbidden.json()).message).toContain("otel/shop")
    const mixed = {
      resourceSpans: [
        ...agentTrace(TRACE).resourceSpans,
        ...agentTrace(TRACE.replace(/^0a/, "0b"), "bank").resourceSpans,
      ],
    }
    expect(await (await post(JSON.stringify(mixed), { token })).json()).toMatchObject({
      partialSuccess: { rejectedSpans: "4" },
    })
    const runs = await endedRuns(1)
    expect(runs.map(({ agent_id }) => agent_id)).toEqual(["otel/shop"])
    const reader = await post("{}", { token: server.viewer })
    expect(reader.status).toBe(403)
  })

  test("a trace id never reaches a run of another token that uses the same id", async () => {
    const { post, endedRuns } = await start()
    const other = await aToken(server.accessStore, { name: "other", write: ["*"] })
    const trace = agentTrace(TRACE, "shop", "session-1")
    await post(JSON.stringify(trace))
    await post(JSON.stringify(trace), { token: other })
    const late = traces([
      span(TRACE, 9, 1, "execute_tool guess", 50, {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "guess",
      }),
    ])
    await post(JSON.stringify(late), { token: other })
    // On a slow machine, the run has already ended when the late span arrives, which then reopens it.
    await eventually(async () => {
      const runs = await endedRuns(2)
      expect(runs.map(({ cursor }) => cursor).sort()).toEqual([3, 4])
      expect(new Set(runs.map(({ client_id }) => client_id))).toEqual(new Set(["agent", "other"]))
    })
  })

  test("the log of incoming messages includes HTTP requests, even refused ones", async () => {
    const { post } = await start()
    await post(JSON.stringify(agentTrace(TRACE)))
    await post("{", {})
    const viewer = await server.connect(server.viewer)
    const reply = await viewer?.emitWithAck("ingest.watch", {})
    expect(reply?.ok && reply.recent).toMatchObject([
      { event: "POST /v1/traces", dialect: "otlp", ok: true, records: 4, turns: 3, context: 0, refused: 0 },
      { event: "POST /v1/traces", dialect: "otlp", ok: false, code: "invalid_payload" },
    ])
  })

  test("metrics count records by dialect and result", async () => {
    const { post, endedRuns } = await start()
    await post(JSON.stringify(agentTrace(TRACE)))
    await endedRuns(1)
    const text = await (
      await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${server.viewer}` } })
    ).text()
    expect(text).toContain('turnline_ingest_records_total{dialect="otlp",what="received"} 4')
    expect(text).toContain('turnline_ingest_records_total{dialect="otlp",what="turns"} 3')
  })
})
