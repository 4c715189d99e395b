import { expect, test } from "@/e2e/fixtures"
import { chooseSeed, seededRandom } from "@/e2e/kit/seededRandom"
import { startServer } from "@/e2e/server"
import { DEFAULT_LIMITS } from "@/lib/protocol/limits"
import { ackFlood, connectFlood, oversize, unevenAgents } from "./floods"
import { frameFuzz } from "./frameFuzz"
import { slowLoris } from "./slowLoris"

const MIB = 1024 * 1024

test.setTimeout(240_000)

test("T34 T35: connections that never get on with it keep nobody out, and are let go of", async ({
  server,
}) => {
  const report = await slowLoris({ target: server, each: 60, freedWithinMs: 60_000 })
  expect(report).toEqual({
    opened: 180,
    served: true,
    left: { headers: 0, silentUpgrades: 0, bodies: 0 },
  })
})

test("T36 I28 S17: a message past the limit ends its connection, however it comes, and no compression is agreed on", async ({
  server,
  viewer,
}) => {
  const report = await oversize(server, DEFAULT_LIMITS.maxMessageBytes)
  expect(report.filter(({ closeCode }) => closeCode <= 0)).toEqual([])
  expect(report).toHaveLength(6)
  expect(await viewer.ask("runs.list", {})).toMatchObject({ ok: true })
})

test("S17: nothing is compressed that a secret may stand in, whatever the client takes", async ({
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

test("T37 T38 I30: no frame in any order crashes the server or leaves a connection behind", async ({
  server,
}) => {
  const random = seededRandom(chooseSeed())
  const report = await frameFuzz({ target: server, random, until: (connections) => connections >= 400 })
  expect(report).toMatchObject({ survived: true, leaked: 0 })
  expect(report.frames).toBeGreaterThan(2_000)
})

test("T39 S9: a thousand CONNECTs on one connection make one socket at most, and end it", async ({
  server,
}) => {
  const report = await connectFlood(server, 1_000)
  expect(report.sockets).toBeLessThanOrEqual(1)
  expect(report.refused).toBe(1)
  expect(report.closed).toBe(true)
})

test("T40 I21 S16: a flood of commands is slowed down, executed, and keeps nobody else waiting", async ({
  server,
}) => {
  const report = await ackFlood(server, 4_000)
  expect(report).toMatchObject({ answered: 4_000, ok: 4_000 })
  expect(report.othersMs.length).toBeGreaterThan(0)
  expect(report.growthBytes).toBeLessThan(64 * MIB)
})

test("I21: an agent that sends a turn at a time waits for no more than what was under way before it", async () => {
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
