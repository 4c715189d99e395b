import { expect, onTestFinished } from "vitest"
import type { RunSummary } from "@/lib/protocol/run"
import { aServer, type TestServer } from "@/lib/testing/aServer"

const QUICK = { TURNLINE_INGEST_HOLD_MS: "20", TURNLINE_INGEST_SETTLE_MS: "20" }

export type Sent = { path?: string; method?: string; token?: string | null; headers?: Record<string, string> }

export type IngestServer = TestServer & {
  /** Sends a body as JSON to `/v1/traces` with the agent's token by default. */
  post(body: string | Uint8Array, sent?: Sent): Promise<Response>
  /** Waits until there are `count` runs and all have ended, and returns them. */
  endedRuns(count: number): Promise<RunSummary[]>
}

/** Starts a server in memory with short hold times for foreign runs. Closed at the end of the test. */
export async function startIngest(env: Record<string, string> = {}): Promise<IngestServer> {
  const server = await aServer({ env: { ...QUICK, ...env } })
  onTestFinished(() => server.close())

  async function post(
    body: string | Uint8Array,
    { path = "/v1/traces", method = "POST", token = server.agent, headers = {} }: Sent = {},
  ) {
    return fetch(`${server.url}${path}`, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: typeof body === "string" ? body : new Uint8Array(body),
    })
  }

  async function endedRuns(count: number): Promise<RunSummary[]> {
    const viewer = await server.connect(server.viewer)
    let runs: RunSummary[] = []
    const look = async () => {
      const reply = await viewer.emitWithAck("runs.list", { limit: 100 })
      runs = reply.ok ? reply.runs : []
      return [runs.length, runs.every(({ status }) => status !== "in_progress")]
    }
    await expect.poll(look).toEqual([count, true])
    return runs
  }
  return Object.assign(server, { post, endedRuns })
}
