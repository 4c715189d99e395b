import { once } from "node:events"
import { type ClientRequest, type IncomingMessage, request } from "node:http"
import { gzipSync } from "node:zlib"
import { describe, expect, test } from "vitest"
import { BodyBudget } from "./BodyBudget"
import { startIngest } from "./testing/ingestServer"

const MAX_BYTES = 2_000
const EMPTY = '{"resourceSpans":[]}'

/** Sends all of a body except the end, which `finish` sends. */
function begin(url: string, token: string): ClientRequest {
  const sent = request(`${url}/v1/traces`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
  })
  sent.write(" ".repeat(MAX_BYTES - EMPTY.length))
  return sent
}

async function finish(sent: ClientRequest): Promise<number | undefined> {
  sent.end(EMPTY)
  const [response]: IncomingMessage[] = await once(sent, "response")
  response?.resume()
  return response?.statusCode
}

describe("concurrent request bodies", () => {
  test("are refused if they exceed the limit together, and accepted again afterwards", async () => {
    const { url, agent, post } = await startIngest({ TURNLINE_INGEST_MAX_BYTES: String(MAX_BYTES) })
    const open = Array.from({ length: 8 }, () => begin(url, agent))
    // A refusal shows that the other bodies have arrived.
    await expect
      .poll(async () => {
        const response = await post(" ".repeat(MAX_BYTES))
        return [response.status, response.headers.get("retry-after")]
      })
      .toEqual([503, "5"])
    expect(await Promise.all(open.map(finish))).toEqual(open.map(() => 200))
    expect((await post(EMPTY)).status).toBe(200)
  })

  test("no longer count after their sender disconnects or they turn out to be invalid", async () => {
    const { url, agent, post } = await startIngest({ TURNLINE_INGEST_MAX_BYTES: String(MAX_BYTES) })
    for (let round = 0; round < 20; round++) {
      const sent = begin(url, agent)
      sent.on("error", () => {})
      sent.destroy()
      const body = round % 2 === 0 ? "no json" : gzipSync("no json")
      const headers = round % 2 === 0 ? {} : { "content-encoding": "gzip" }
      expect((await post(body, { headers })).status).toBe(400)
    }
    await expect.poll(async () => (await post(" ".repeat(MAX_BYTES - 20) + EMPTY)).status).toBe(200)
  })
})

test("large bodies are handled one after the other", async () => {
  const budget = new BodyBudget(1)
  const done: number[] = []
  const work = async (n: number) => {
    const end = await budget.turn()
    await new Promise(setImmediate)
    done.push(n)
    end()
    end()
  }
  await Promise.all([work(1), work(2), work(3)])
  expect(done).toEqual([1, 2, 3])
})
