import { afterEach, expect, test } from "vitest"
import { type StartedTurnline, startTurnline } from "@/lib/testing/startTurnline"
import { agentTrace } from "./testing/agentTrace"

const TRACE = "0af7651916cd43dd8448eb211c80319c"
let server: StartedTurnline | undefined

afterEach(async () => {
  await server?.stop()
  server = undefined
})

test("a run continues after a restart of the server, from the database", async () => {
  server = await startTurnline({ TURNLINE_INGEST_HOLD_MS: "500", TURNLINE_INGEST_SETTLE_MS: "50" })
  const { url, agentToken, ask, trace } = server
  const whole = agentTrace(TRACE)
  const spans = whole.resourceSpans[0]?.scopeSpans[0]?.spans ?? []
  const send = async (from: number, to: number) => {
    const part = structuredClone(whole)
    const scope = part.resourceSpans[0]?.scopeSpans[0]
    if (scope !== undefined) scope.spans = spans.slice(from, to)
    const headers = { "content-type": "application/json", authorization: `Bearer ${agentToken}` }
    const response = await fetch(`${url}/v1/traces`, { method: "POST", headers, body: JSON.stringify(part) })
    expect(response.status).toBe(200)
  }
  // The model call is still held when the server stops.
  await send(0, 1)
  await server.restart()
  await send(0, 2)
  await server.restart()
  await send(2, 4)
  const runs = async () => (await ask("runs.list", {})).runs
  await expect
    .poll(async () => (await runs()).map(({ status, cursor }) => [status, cursor]))
    .toEqual([["completed", 3]])
  const [run] = await runs()
  const records = await trace(run?.run_id ?? "")
  expect(records.flatMap((record) => (record.record === "turn" ? [record.tool ?? record.kind] : []))).toEqual(
    ["model", "weather", "model"],
  )
})
