import { once } from "node:events"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { WebSocket } from "ws"
import { aServer, aToken, type TestClient, type TestServer } from "@/lib/testing/aServer"
import { fakeClock } from "@/lib/testing/fakeClock"
import type { Pages } from "@/server/http/Pages"
import type { Clock } from "@/server/platform/Clock"

const echo: Pages = {
  handle: async (request, response) => void response.end(`page ${request.url}`),
  close: async () => undefined,
  build: "build-1",
}

let server: TestServer

async function aRunOf(agent_id: string, intent: string): Promise<string> {
  const agent = await server.connect(server.agent)
  const started = await agent.emitWithAck("runs.start", { agent_id, intent })
  if (!started.ok) throw new Error(started.error.message)
  await agent.emitWithAck("runs.record_turns", { run_id: started.run_id, turns: [{ message: intent }] })
  return started.run_id
}

function refusalOf(client: TestClient): Promise<unknown> {
  return new Promise((resolve) =>
    client.once("connect_error", (error) => resolve("data" in error ? error.data : error.message)),
  )
}

async function start(env: Record<string, string> = { TURNLINE_DEMO: "1" }, clock?: Clock) {
  server = await aServer({ pages: echo, env, ...(clock && { clock }) })
  await server.app.ready()
}
/** Restarts the demo server with a stopped clock, so that used-up rate limits don't refill. */
async function startWithStoppedClock(env: Record<string, string> = {}) {
  await server.close()
  await start({ TURNLINE_DEMO: "1", ...env }, fakeClock())
}
beforeEach(() => start())
afterEach(() => server.close())

describe("a demo visitor without a token", () => {
  test("sees only demo runs, with every command and in live events", async () => {
    const shown = await aRunOf("demo/coder", "Fix the demo")
    const hidden = await aRunOf("acme/coder", "A secret of acme")
    const visitor = await server.connect(undefined)
    const list = await visitor.emitWithAck("runs.list", {})
    expect(list).toMatchObject({ ok: true, runs: [{ run_id: shown }], counts: { in_progress: 1 } })
    expect(await visitor.emitWithAck("runs.list", { q: "secret" })).toMatchObject({ ok: true, runs: [] })
    expect(await visitor.emitWithAck("runs.subscribe", { run_id: shown })).toMatchObject({ ok: true })
    for (const command of ["runs.subscribe", "runs.get_trace", "runs.get_outline"] as const) {
      const foreign = await visitor.emitWithAck(command, { run_id: hidden })
      const unknown = await visitor.emitWithAck(command, { run_id: "nothing" })
      expect(foreign).toEqual(unknown)
      expect(foreign).toMatchObject({ ok: false, error: { code: "not_found" } })
    }
    expect((await server.fetch(`/api/runs/${shown}/export`)).status).toBe(200)
    expect((await server.fetch(`/api/runs/${hidden}/export`)).status).toBe(404)
  })

  test("can't write, cancel, delete or create tokens, and isn't notified of arriving commands", async () => {
    const run_id = await aRunOf("demo/coder", "Fix the demo")
    const visitor = await server.connect(undefined)
    const refused = [
      await visitor.emitWithAck("runs.start", { agent_id: "demo/coder", intent: "Mine" }),
      await visitor.emitWithAck("runs.start", { run_id }),
      await visitor.emitWithAck("runs.record_turns", { run_id, turns: [{ message: "x" }] }),
      await visitor.emitWithAck("runs.report_progress", { run_id, progress: null }),
      await visitor.emitWithAck("runs.complete", { run_id, outcome: { status: "done" } }),
      await visitor.emitWithAck("runs.cancel", { run_id }),
      await visitor.emitWithAck("runs.delete", { run_id }),
      await visitor.emitWithAck("ingest.watch", {}),
    ]
    for (const reply of refused) expect(reply.ok).toBe(false)
    const minted = await server.fetch("/api/tokens", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "mine", write: ["demo/*"] }),
    })
    expect(minted.status).toBe(403)
    expect((await server.fetch("/metrics")).status).toBe(401)
  })

  test("can recognize the demo, sign in, and is a visitor again after signing out", async () => {
    const session = async (headers = {}) => JSON.parse((await server.fetch("/api/session", { headers })).body)
    expect(await session()).toEqual({
      ...{ name: "visitor", read: ["demo/*"], control: false, mint: false },
      ...{ demo: true, build: "build-1", packages: [] },
    })
    expect((await server.fetch("/")).body).toBe("page /")
    expect((await server.fetch("/sign-in")).body).toBe("page /sign-in")
    const wrong = await server.fetch("/?token=tl_wrong")
    expect((await server.fetch(wrong.headers.location ?? "")).body).toBe("page /sign-in?reason=wrong")
    const { headers } = await server.fetch(`/?token=${server.viewer}`)
    const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? ""
    expect(await session({ cookie })).toMatchObject({ name: "viewer", read: "all" })
    expect(await session({ cookie })).not.toHaveProperty("demo")
    expect((await server.fetch("/sign-in", { headers: { cookie } })).headers.location).toBe("/")
    await server.fetch("/api/sign-out", { method: "POST", headers: { cookie } })
    expect(await session({ cookie })).toMatchObject({ name: "visitor" })
  })

  test("with an invalid token is refused like everywhere else", async () => {
    expect(await refusalOf(server.client("tl_wrong"))).toEqual({ code: "unauthenticated" })
    const revoked = await aToken(server.accessStore, { name: "gone", read: "all" })
    await server.accessStore.revokeTokens("gone", new Date().toISOString())
    expect(await refusalOf(server.client(revoked))).toEqual({ code: "unauthenticated" })
  })

  test("stays connected while tokens are checked", async () => {
    const visitor = await server.connect(undefined)
    // Tokens are read every second. Connections whose token is no longer known are closed then.
    const revoked = await aToken(server.accessStore, { name: "gone", read: "all" })
    const signed = await server.connect(revoked)
    await server.accessStore.revokeTokens("gone", new Date().toISOString())
    await new Promise((resolve) => signed.once("disconnect", resolve))
    expect(visitor.connected).toBe(true)
  })
})

describe("one address in a demo", () => {
  test("can open a limited number of connections without a token, and any number with one", async () => {
    const visitors = await Promise.all(Array.from({ length: 40 }, () => server.connect(undefined)))
    expect(await refusalOf(server.client(undefined))).toEqual({ code: "rate_limited" })
    expect((await server.connect(server.viewer)).connected).toBe(true)
    visitors[0]?.disconnect()
    await expect
      .poll(async () => (await server.connect(undefined).catch(() => undefined))?.connected)
      .toBe(true)
  })

  test("that sends too many requests or upgrades gets 429; health checks are always answered", async () => {
    await startWithStoppedClock()
    const statuses = await Promise.all(
      Array.from({ length: 300 }, async () => (await server.fetch("/api/session")).status),
    )
    expect(statuses.filter((status) => status === 200).length).toBe(200)
    const over = await server.fetch("/api/session")
    expect(over.status).toBe(429)
    expect(Number(over.headers["retry-after"])).toBeGreaterThan(0)
    const raw = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`)
    raw.on("error", () => undefined)
    const [, answer] = await once(raw, "unexpected-response")
    expect(answer.statusCode).toBe(429)
    raw.terminate()
    expect((await server.fetch("/healthz")).status).toBe(200)
  })

  test("is the client's own address behind a trusted proxy", async () => {
    await startWithStoppedClock({ TURNLINE_PROXY_HOPS: "1" })
    const from = (address: string) =>
      server.fetch("/api/session", { headers: { "x-forwarded-for": `7.7.7.7, ${address}` } })
    const statuses = await Promise.all(
      Array.from({ length: 300 }, async () => (await from("1.1.1.1")).status),
    )
    expect(statuses).toContain(429)
    expect((await from("2.2.2.2")).status).toBe(200)
  })

  test("is limited to a visitor's rate of commands", async () => {
    await startWithStoppedClock()
    const visitor = await server.connect(undefined)
    let replies = 0
    for (let sent = 0; sent < 200; sent++)
      visitor.emitWithAck("runs.unwatch", {}).then(
        (reply) => {
          if (reply.ok) replies += 1
        },
        // Closing the connection at the end of the test rejects the commands that are still waiting.
        () => undefined,
      )
    // The clock is stopped, so the bucket isn't refilled and the remaining commands wait.
    await expect.poll(() => replies).toBe(120)
    // Once these later requests are answered, the server has handled everything that it had received before.
    for (let request = 0; request < 5; request++) await server.fetch("/healthz")
    expect(replies).toBe(120)
  })
})

test("without the setting, a token is required", async () => {
  await server.close()
  await start({})
  expect((await server.fetch("/api/session")).status).toBe(401)
  expect(await refusalOf(server.client(undefined))).toEqual({ code: "unauthenticated" })
})

test("the session names the build that is served", async () => {
  const { body } = await server.fetch("/api/session", {
    headers: { authorization: `Bearer ${server.viewer}` },
  })
  expect(JSON.parse(body)).toEqual({
    ...{ name: "viewer", read: "all", control: true, mint: false },
    ...{ build: "build-1", packages: [] },
  })
})
