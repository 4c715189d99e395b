import { expect, test } from "@/e2e/fixtures"
import { chooseSeed, seededRandom } from "@/e2e/kit/seededRandom"
import { startServer } from "@/e2e/server"
import { DEFAULT_LIMITS } from "@/lib/protocol/limits"
import { ackFlood, connectFlood, oversize, unevenAgents } from "./floods"
import { frameFuzz } from "./frameFuzz"
import { slowLoris } from "./slowLoris"

const MIB = 1024 * 1024

test.setTimeout(240_000)

test("T34 T35: connections that make no progress don't block others, and are disconnected", async ({
  server,
}) => {
  const report = await slowLoris({ target: server, each: 60, freedWithinMs: 60_000 })
  expect(report).toEqual({
    opened: 180,
    served: true,
    left: { headers: 0, silentUpgrades: 0, bodies: 0 },
  })
})

test("T36 I28 S17: a message over the limit ends its connection in any framing, and compression is never negotiated", async ({
  server,
  viewer,
}) => {
  const report = await oversize(server, DEFAULT_LIMITS.maxMessageBytes)
  expect(report.filter(({ closeCode }) => closeCode <= 0)).toEqual([])
  expect(report).toHaveLength(6)
  expect(await viewer.ask("runs.list", {})).toMatchObject({ ok: true })
})

test("S17: nothing that may contain a secret is compressed, whatever the client accepts", async ({
  server,
}) => {
  const headers = { authorization: `Bearer ${server.viewerToken}`, "accept-encoding": "gzip, deflate, br" }
  const get = (path: string) => fetch(server.url + path, { headers })
  const page = await (await get("/")).text()
  const script = /\/_next\/static\/[^"]+\.js/.exec(page)?.[0] ?? ""
  expect((await get(script)).headers.get("content-encoding")).toBe("br")
  for (const path of [
    "/",
    "/runs/unknown",
    "/compare?a=x&b=y",
    "/connect",
    "/nowhere",
    "/metrics",
    "/healthz",
    "/readyz",
    "/api/session",
    "/socket.io/?EIO=4&transport=polling",
  ]) {
    const response = await get(path)
    await response.text()
    expect(response.headers.get("content-encoding"), path).toBeNull()
  }
})

test("T37 T38 I30: no sequence of frames crashes the server or leaks a connection", async ({ server }) => {
  const random = seededRandom(chooseSeed())
  const report = await frameFuzz({ target: server, random, until: (connections) => connections >= 400 })
  expect(report).toMatchObject({ survived: true, leaked: 0 })
  expect(report.frames).toBeGreaterThan(2_000)
})

test("T39 S9: a thousand CONNECTs on one connection open at most one socket, and end the connection", async ({
  server,
}) => {
  const report = await connectFlood(server, 1_000)
  expect(report.sockets).toBeLessThanOrEqual(1)
  expect(report.refused).toBe(1)
  expect(report.closed).toBe(true)
})

test("T40 I21 S16: a flood of commands is throttled and executed, and doesn't delay others", async ({
  server,
}) => {
  const report = await ackFlood(server, 4_000)
  expect(report).toMatchObject({ answered: 4_000, ok: 4_000 })
  expect(report.othersMs.length).toBeGreaterThan(0)
  expect(report.growthBytes).toBeLessThan(64 * MIB)
})

test("I21: an agent that sends one turn at a time only waits for batches already in progress", async () => {
  const roomy = "1000000"
  const server = await startServer({ TURNLINE_RATE_PER_SOCKET: roomy, TURNLINE_MAX_TURNS_PER_RUN: roomy })
  try {
    const report = await unevenAgents(server, 4, 60)
    expect(report).toMatchObject({ modestAcked: 60, refused: 0 })
    expect(report.mostMeanwhile).toBeLessThan(report.inFlight * 2)
  } finally {
    await server.dispose()
  }
})
