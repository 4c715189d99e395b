import { once } from "node:events"
import { connect } from "node:net"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { WebSocket } from "ws"
import { aServer, aToken, type TestServer } from "@/lib/testing/aServer"
import { eventually } from "@/lib/testing/eventually"
import { fakeClock } from "@/lib/testing/fakeClock"

let server: TestServer
const raws: WebSocket[] = []

/** Opens a raw WebSocket, for sending engine.io packets directly. */
async function aRaw(headers: Record<string, string> = {}): Promise<WebSocket> {
  const raw = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`, { headers })
  raws.push(raw)
  raw.on("error", () => undefined)
  await once(raw, "message")
  return raw
}

function refusalOf(client: { once(event: "connect_error", run: (error: Error) => void): unknown }) {
  return new Promise<unknown>((resolve) =>
    client.once("connect_error", (error) => resolve("data" in error ? error.data : error.message)),
  )
}

async function connections(): Promise<number> {
  const { body } = await server.fetch("/metrics", { headers: { authorization: `Bearer ${server.viewer}` } })
  return Number(/^turnline_connections (\d+)$/m.exec(body)?.[1])
}

beforeEach(async () => {
  server = await aServer()
})
afterEach(async () => {
  for (const raw of raws.splice(0)) raw.terminate()
  await server.close()
})

describe("connecting", () => {
  test.each([undefined, "", "tl_wrong", `tl_${"0".repeat(16)}_${"A".repeat(43)}`])(
    "with token %s is unauthenticated",
    async (token) => {
      expect(await refusalOf(server.client(token))).toEqual({ code: "unauthenticated" })
    },
  )

  test("with a Bearer header or a session cookie succeeds", async () => {
    const authorization = `Bearer ${server.viewer}`
    expect((await server.connect(undefined, { extraHeaders: { authorization } })).connected).toBe(true)
    const { headers } = await server.fetch("/api/sign-in", { method: "POST", body: `token=${server.viewer}` })
    const cookie = headers["set-cookie"]?.[0]?.split(";")[0] ?? ""
    expect((await server.connect(undefined, { extraHeaders: { cookie } })).connected).toBe(true)
  })

  test("T18: with polling only, or polling with an upgrade, succeeds", async () => {
    for (const transports of [["polling"], ["polling", "websocket"]]) {
      const client = await server.connect(server.viewer, { transports })
      await expect.poll(() => client.io.engine.transport.name).toBe(transports.at(-1))
      expect(await client.emitWithAck("runs.list", {})).toMatchObject({ ok: true, runs: [] })
    }
  })

  test("with an unsupported protocol version returns the supported ones", async () => {
    const auth = { token: server.viewer, protocol: 2 }
    expect(await refusalOf(server.client(undefined, { auth }))).toEqual({
      code: "unsupported_protocol",
      supported: [1],
    })
    expect((await server.connect(undefined, { auth: { token: server.viewer, protocol: 1 } })).connected).toBe(
      true,
    )
  })

  test("with a client_id stores it with the runs; one that is too long is replaced", async () => {
    const start = async (client_id: string) => {
      const client = await server.connect(undefined, { auth: { token: server.agent, client_id } })
      await client.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
      const viewer = await server.connect(server.viewer)
      const listed = await viewer.emitWithAck("runs.list", { limit: 1 })
      return listed.ok ? listed.runs[0]?.client_id : undefined
    }
    expect(await start("laptop-7")).toBe("laptop-7")
    expect(await start("x".repeat(129))).toMatch(/^.{1,128}$/)
  })

  test.each([
    ["origin", "https://evil.example"],
    ["origin", "null"],
    ["origin", "http://127.0.0.1:1"],
    ["host", "rebind.evil"],
  ])("S2: with %s %s is refused over both transports, and in an open session", async (name, value) => {
    const headers = { [name]: value }
    const opened = await server.fetch("/socket.io/?EIO=4&transport=polling")
    const { sid } = JSON.parse(opened.body.slice(1))
    for (const path of [
      "/socket.io/?EIO=4&transport=polling",
      `/socket.io/?EIO=4&transport=polling&sid=${sid}`,
    ]) {
      expect((await server.fetch(path, { headers })).status).toBe(403)
      expect((await server.fetch(path, { method: "POST", headers, body: "40" })).status).toBe(403)
    }
    for (const query of ["", `&sid=${sid}`]) {
      const raw = new WebSocket(
        `ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket${query}`,
        { headers },
      )
      const [error] = await once(raw, "error")
      expect(String(error)).toContain("403")
    }
  })

  test("S17: compression is not negotiated", async () => {
    const raw = await aRaw()
    expect(raw.extensions).toBe("")
  })

  test("S15: an upgrade to anything but Socket.IO is refused", async () => {
    const raw = new WebSocket(`ws://127.0.0.1:${server.port}/_next/webpack-hmr`)
    const [error] = await once(raw, "error")
    expect(String(error)).toContain("404")
  })

  test.each([
    "http://169.254.169.254/latest/meta-data",
    "http://169.254.169.254/socket.io/?EIO=4&transport=websocket",
    "//169.254.169.254/socket.io/?EIO=4&transport=websocket",
    "ws://127.0.0.1:1/",
  ])("S15: an upgrade with the URL %s is refused and not forwarded", async (address) => {
    const socket = connect(server.port, "127.0.0.1")
    socket.write(
      `GET ${address} HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
    )
    const [response] = await once(socket, "data")
    expect(String(response)).toMatch(/^HTTP\/1\.1 4\d\d /)
    await once(socket, "close")
    expect(await connections()).toBe(0)
  })
})

describe("one socket per connection", () => {
  test("S9 T39: a thousand CONNECTs on one connection open at most one socket and close the connection", async () => {
    const raw = await aRaw()
    const welcomes: string[] = []
    raw.on("message", (data) => {
      if (String(data).startsWith("40")) welcomes.push(String(data))
    })
    const closed = once(raw, "close")
    for (let count = 0; count < 1_000; count++) raw.send(`40{"token":"${server.viewer}"}`)
    await closed
    expect(welcomes.length).toBeLessThanOrEqual(1)
    expect(await connections()).toBe(0)
  })

  test("S9 T39: the second CONNECT gets an error, and those that follow it get no reply", async () => {
    const raw = await aRaw()
    const replies: string[] = []
    raw.on("message", (data) => replies.push(String(data)))
    const closed = once(raw, "close")
    for (let count = 0; count < 1_000; count++) raw.send(`40{"token":"${server.viewer}"}`)
    await closed
    expect(replies.filter((text) => text.startsWith("44"))).toEqual([
      '44{"message":"One socket per connection.","data":{"code":"forbidden"}}',
    ])
  })

  test("S9: over polling, everything after a second CONNECT in the same body is ignored", async () => {
    const path = "/socket.io/?EIO=4&transport=polling"
    const { body } = await server.fetch(path)
    const sid = /"sid":"([\w-]+)"/.exec(body)?.[1]
    const connect = `40{"token":"${server.viewer}"}`
    const all = Array(1_000).fill(connect).join("\u001e")
    await server.fetch(`${path}&sid=${sid}`, { method: "POST", body: all })
    const polled = await server.fetch(`${path}&sid=${sid}`)
    expect(polled.body.split("\u001e").filter((text) => text.startsWith("44")).length).toBeLessThanOrEqual(1)
    await server.fetch(`${path}&sid=${sid}`)
    await expect.poll(connections).toBe(0)
  })

  test("S9: a second CONNECT after the first was accepted closes the connection, too", async () => {
    const raw = await aRaw()
    raw.send(`40{"token":"${server.viewer}"}`)
    await once(raw, "message")
    const closed = once(raw, "close")
    raw.send(`40{"token":"${server.viewer}"}`)
    await closed
    const { body } = await server.fetch("/metrics", { headers: { authorization: `Bearer ${server.viewer}` } })
    expect(body).toContain('turnline_refused_total{why="second_connect"} 1\n')
  })

  test("S9: other namespaces don't exist, and repeated CONNECTs to them close the connection", async () => {
    const raw = await aRaw()
    const closed = once(raw, "close")
    for (let count = 0; count < 100; count++) raw.send("40/admin,{}")
    await closed
  })
})

describe("hostile frames", () => {
  const frames = [
    "",
    "0",
    "2",
    "3",
    "5",
    "6",
    "9",
    "2probe",
    "4",
    "42",
    "42[",
    "42[]",
    "42{}",
    "42null",
    '42["error",{}]',
    '42["connect",{}]',
    '42["disconnect"]',
    '42["newListener",{}]',
    '42["__proto__",{}]',
    '42[{"a":1},{}]',
    '42[["runs.list"],{}]',
    "42[null]",
    '42["runs.list"]',
    '42["runs.list",{"limit":1e400}]',
    '42["runs.list",{"__proto__":{"polluted":1}}]',
    '42["runs.list",{"\\u0000":1}]',
    '42["runs.subscribe",{"run_id":"\\ud800"}]',
    '42["runs.subscribe",{"run_id":"run:x\\u0000"}]',
    '429999999999999999999["runs.list",{}]',
    '42-1["runs.list",{}]',
    '42/admin,["runs.list",{}]',
    '43["stray"]',
    "431[{}]",
    "44{}",
    '451-["runs.list",{"_placeholder":true,"num":0}]',
    '4511-["runs.list",{}]',
    "41",
    "40",
    `4${"0".repeat(50)}`,
    `42["runs.record_turns",{"run_id":"r","turns":[{"output":${"[".repeat(100_000)}${"]".repeat(100_000)}}]}]`,
    `42["runs.list",${"[".repeat(50_000)}${"]".repeat(50_000)}]`,
    `42["runs.list",{"status":[${'"x",'.repeat(50_000)}"x"]}]`,
    `42["runs.record_turns",{"run_id":"r","turns":[${"1,".repeat(500_000)}1]}]`,
  ]

  test.each(frames.map((frame) => [frame.slice(0, 48), frame]))(
    "I30 S10 T37: %s crashes nothing",
    async (_, frame) => {
      const raw = await aRaw()
      raw.send(`40{"token":"${server.agent}"}`)
      await once(raw, "message")
      raw.send(frame)
      // Whether the frame got a reply or closed the connection, the server still handles commands of other connections.
      const other = await server.connect(server.viewer)
      expect(await other.emitWithAck("runs.list", {})).toMatchObject({ ok: true })
      expect(({} as { polluted?: number }).polluted).toBeUndefined()
      expect(Object.keys(Object.prototype)).toEqual([])
    },
  )

  test("a binary frame without its event ends the connection", async () => {
    const raw = await aRaw()
    raw.send(`40{"token":"${server.agent}"}`)
    await once(raw, "message")
    const closed = once(raw, "close")
    raw.send(Buffer.from("x"))
    await closed
  })

  test("I30 T38: random mutations of valid traffic crash nothing", async () => {
    const random = seeded(7)
    const valid = [
      `40{"token":"${server.agent}"}`,
      '421["runs.start",{"intent":"x","agent_id":"a"}]',
      '422["runs.record_turns",{"run_id":"r","turns":[{"tool":"bash","parameters":{"a":[1,2]}}]}]',
      '423["runs.subscribe",{"run_id":"r","cursor":0}]',
      '424["runs.list",{"limit":5}]',
    ]
    for (let round = 0; round < 40; round++) {
      const raw = await aRaw()
      for (const text of valid) {
        if (raw.readyState !== WebSocket.OPEN) break
        const at = Math.floor(random() * text.length)
        const mutated =
          text.slice(0, at) + String.fromCharCode(32 + Math.floor(random() * 90)) + text.slice(at + 1)
        raw.send(random() < 0.4 ? text : mutated)
      }
      raw.terminate()
    }
    const other = await server.connect(server.viewer)
    expect(await other.emitWithAck("runs.list", {})).toMatchObject({ ok: true })
  })

  test("I30 T37: malformed upgrades and polls crash nothing and get a response", async () => {
    for (const path of [
      "/socket.io/?EIO=4",
      "/socket.io/?EIO=4&transport=nothing",
      "/socket.io/?EIO=4&transport=__proto__",
      "/socket.io/?EIO=4&transport=websocket",
      "/socket.io/?EIO=3&transport=polling&sid=x",
      "/socket.io/?EIO=4&transport=polling&sid=__proto__",
      "/socket.io/?EIO=4&transport=polling&sid=unknown",
      "/socket.io/?EIO=4&transport=polling&j=0",
      "/socket.io/%",
    ])
      expect((await server.fetch(path)).status, path).toBeGreaterThanOrEqual(400)
  })

  test.each([
    "",
    "\u001e\u001e\u001e",
    "4\u001e4\u001e9",
    "bAAAA",
    "b%%%",
    "1",
    "40\u001e40\u001e40",
    "40\u001e42[\u001e41",
    `4${"[".repeat(100_000)}`,
    "\ud800",
  ])("a polling session that sends %j, in overlapping requests, crashes nothing", async (body) => {
    const path = "/socket.io/?EIO=4&transport=polling"
    const { sid } = JSON.parse((await server.fetch(path)).body.slice(1))
    const here = `${path}&sid=${sid}`
    const replies = await Promise.allSettled([
      server.fetch(here, { method: "POST", body }),
      server.fetch(here),
      server.fetch(here),
      server.fetch(here, { method: "POST", body }),
      server.fetch(here.replace("polling", "websocket")),
    ])
    expect(replies).toHaveLength(5)
    const other = await server.connect(server.viewer)
    expect(await other.emitWithAck("runs.list", {})).toMatchObject({ ok: true })
  })

  test("I28 T35 T36: a message larger than the limit ends the connection, over both transports", async () => {
    const raw = await aRaw()
    const closed = once(raw, "close")
    raw.send("4".repeat(8 * 1024 * 1024 + 1))
    expect((await closed)[0]).toBe(1009)
    const opened = await server.fetch("/socket.io/?EIO=4&transport=polling")
    const { sid } = JSON.parse(opened.body.slice(1))
    const socket = connect(server.port, "127.0.0.1")
    const length = 8 * 1024 * 1024 + 1
    socket.write(
      `POST /socket.io/?EIO=4&transport=polling&sid=${sid} HTTP/1.1\r\nhost: 127.0.0.1:${server.port}\r\ncontent-length: ${length}\r\n\r\n`,
    )
    socket.write("4".repeat(length))
    socket.on("error", () => undefined)
    const [response] = await once(socket, "data")
    expect(String(response)).toContain("413")
    socket.destroy()
  })
})

describe("disconnecting", () => {
  test("S8: a revoked token's connections get a DISCONNECT within 2 s", async () => {
    const clock = fakeClock()
    const held = await aServer({ clock })
    try {
      const token = await aToken(held.accessStore, { name: "revoked", read: "all" })
      await clock.advanceAsync(1_000)
      const [revoked, stays] = await Promise.all([held.connect(token), held.connect(held.viewer)])
      const left = new Promise((resolve) => revoked.once("disconnect", resolve))
      await held.accessStore.revokeTokens("revoked", new Date(clock.now()).toISOString())
      await clock.advanceAsync(2_000)
      expect(await left).toBe("io server disconnect")
      expect(stays.connected).toBe(true)
      const again = held.client(token)
      expect(await refusalOf(again)).toEqual({ code: "unauthenticated" })
    } finally {
      await held.close()
    }
  })

  test("S8: a connection whose token is revoked during a stream gets no further turns, and others get all of them", async () => {
    const clock = fakeClock()
    const held = await aServer({ clock })
    try {
      const token = await aToken(held.accessStore, { name: "revoked", read: "all" })
      await clock.advanceAsync(1_000)
      const agent = await held.connect(held.agent)
      const started = await agent.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
      const run_id = started.ok ? started.run_id : ""
      const [revoked, stays] = await Promise.all([held.connect(token), held.connect(held.viewer)])
      const seen = { revoked: 0, stays: 0 }
      revoked.on("runs.trace.event", (event) => {
        seen.revoked = event.cursor
      })
      stays.on("runs.trace.event", (event) => {
        seen.stays = event.cursor
      })
      for (const client of [revoked, stays]) await client.emitWithAck("runs.subscribe", { run_id })
      const append = () => agent.emitWithAck("runs.record_turns", { run_id, turns: [{ message: "x" }] })
      await append()
      await expect.poll(() => seen).toEqual({ revoked: 1, stays: 1 })
      const left = new Promise((resolve) => revoked.once("disconnect", resolve))
      await held.accessStore.revokeTokens("revoked", new Date(clock.now()).toISOString())
      await clock.advanceAsync(2_000)
      await left
      for (let count = 0; count < 5; count++) {
        await append()
        await clock.advanceAsync(100)
      }
      await expect.poll(() => seen.stays).toBe(6)
      expect(seen.revoked).toBe(1)
    } finally {
      await held.close()
    }
  })

  test("S8: an expired token's connections are closed, too", async () => {
    const clock = fakeClock()
    const held = await aServer({ clock })
    try {
      const expires_at = new Date(clock.now() + 10_000).toISOString()
      const token = await aToken(held.accessStore, { read: "all", expires_at })
      await clock.advanceAsync(1_000)
      const client = await held.connect(token)
      const left = new Promise((resolve) => client.once("disconnect", resolve))
      await clock.advanceAsync(11_000)
      expect(await left).toBe("io server disconnect")
    } finally {
      await held.close()
    }
  })

  test("I23: when the server closes, clients don't get a DISCONNECT", async () => {
    const client = await server.connect(server.agent)
    const polling = await server.connect(server.agent, { transports: ["polling"] })
    const started = await client.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
    const left = [client, polling].map((one) => new Promise((resolve) => one.once("disconnect", resolve)))
    const inFlight = client.emitWithAck("runs.record_turns", {
      run_id: started.ok ? started.run_id : "",
      turns: [{}],
    })
    // The command may or may not be executed before the server closes.
    await Promise.race([inFlight, server.app.close()])
    expect(await Promise.all(left)).toEqual(["transport close", "transport close"])
  })

  test("I18: a peer that doesn't respond to pings is cut off, and nothing is held for it", async () => {
    await server.close()
    server = await aServer({ pingIntervalMs: 100, pingTimeoutMs: 100 })
    const raw = await aRaw()
    raw.send(`40{"token":"${server.viewer}"}`)
    await once(raw, "message")
    // A raw client doesn't respond to pings automatically.
    await once(raw, "close")
    expect(await connections()).toBe(0)
  })

  test("T18 I18: a polling client that stops polling is dropped, and nothing is held for it", async () => {
    await server.close()
    server = await aServer({ pingIntervalMs: 100, pingTimeoutMs: 100 })
    const path = "/socket.io/?EIO=4&transport=polling"
    const { sid } = JSON.parse((await server.fetch(path)).body.slice(1))
    const here = `${path}&sid=${sid}`
    await server.fetch(here, { method: "POST", body: `40{"token":"${server.viewer}"}` })
    expect((await server.fetch(here)).body).toMatch(/^40/)
    expect(await connections()).toBe(1)
    await eventually(async () => expect(await connections()).toBe(0))
    expect((await server.fetch(here)).status).toBe(400)
  })

  test("I18: a client that doesn't read has a bounded queue, and doesn't affect others", async () => {
    const agent = await server.connect(server.agent)
    const started = await agent.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
    const run_id = started.ok ? started.run_id : ""
    const turn = { message: "m".repeat(15_000) }
    for (let batch = 0; batch < 4; batch++)
      await agent.emitWithAck("runs.record_turns", { run_id, turns: Array(64).fill(turn) })
    const raw = await aRaw()
    raw.send(`40{"token":"${server.viewer}"}`)
    await once(raw, "message")
    raw.pause()
    for (let call = 0; call < 400; call++) raw.send(`42${call}["runs.get_trace",{"run_id":"${run_id}"}]`)
    const viewer = await server.connect(server.viewer)
    for (let look = 0; look < 50; look++) await viewer.emitWithAck("runs.get_trace", { run_id, limit: 16 })
    const { body } = await server.fetch("/metrics", { headers: { authorization: `Bearer ${server.viewer}` } })
    const queued = Number(/^turnline_queued_bytes (\d+)$/m.exec(body)?.[1])
    expect(queued).toBeLessThanOrEqual(1024 * 1024)
    // The client gets all replies when it reads again.
    let replies = 0
    const all = new Promise<void>((resolve) =>
      raw.on("message", (data) => {
        if (String(data).startsWith("43")) replies += 1
        if (String(data) === "2") raw.send("3")
        if (replies === 400) resolve()
      }),
    )
    raw.resume()
    await all
  })

  test("T16 I12 I18: a client that reads slower than turns arrive stays connected, has a bounded queue, and gets each turn once", async () => {
    const agent = await server.connect(server.agent)
    const started = await agent.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
    const run_id = started.ok ? started.run_id : ""
    const raw = await aRaw()
    raw.send(`40{"token":"${server.viewer}"}`)
    await once(raw, "message")
    let [next, faults, isSlow] = [0, 0, true]
    raw.on("message", (data) => {
      const text = String(data)
      if (text === "2") raw.send("3")
      if (!text.startsWith('42["runs.trace.event"')) return
      const { record } = JSON.parse(text.slice(2))[1]
      if (record.from !== undefined && record.from !== next) faults += 1
      next += record.turns?.length ?? 0
      // The slow viewer reads one message for each stored batch.
      if (isSlow) raw.pause()
    })
    raw.send(`420["runs.subscribe",{"run_id":"${run_id}"}]`)
    let mostQueued = 0
    for (let batch = 0; batch < 40; batch++) {
      const turns = Array(32).fill({ message: "m".repeat(15_000) })
      expect(await agent.emitWithAck("runs.record_turns", { run_id, turns })).toMatchObject({ ok: true })
      const headers = { authorization: `Bearer ${server.viewer}` }
      const { body } = await server.fetch("/metrics", { headers })
      mostQueued = Math.max(mostQueued, Number(/^turnline_queued_bytes (\d+)$/m.exec(body)?.[1]))
      raw.resume()
    }
    expect(next).toBeLessThan(40 * 32)
    expect(mostQueued).toBeLessThanOrEqual(1024 * 1024)
    isSlow = false
    raw.resume()
    await expect.poll(() => next).toBe(40 * 32)
    expect({ faults, open: raw.readyState }).toEqual({ faults: 0, open: WebSocket.OPEN })
  })

  test("I22: over the limit for all connections, the one with the largest queue is cut off", async () => {
    await server.close()
    const clock = fakeClock()
    server = await aServer({ clock, maxQueuedBytes: 64 * 1024 })
    const agent = await server.connect(server.agent)
    const started = await agent.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
    const run_id = started.ok ? started.run_id : ""
    const turns = Array(100).fill({ message: "m".repeat(15_000) })
    await agent.emitWithAck("runs.record_turns", { run_id, turns })
    const raw = await aRaw()
    raw.send(`40{"token":"${server.viewer}"}`)
    await once(raw, "message")
    raw.pause()
    for (let call = 0; call < 100; call++) raw.send(`42${call}["runs.get_trace",{"run_id":"${run_id}"}]`)
    const queued = async () => {
      const { body } = await server.fetch("/metrics", {
        headers: { authorization: `Bearer ${server.viewer}` },
      })
      return Number(/^turnline_queued_bytes (\d+)$/m.exec(body)?.[1])
    }
    await expect.poll(queued).toBeGreaterThan(64 * 1024)
    await clock.advanceAsync(1_000)
    raw.resume()
    await once(raw, "close")
    await expect.poll(queued).toBe(0)
    expect(agent.connected).toBe(true)
  })

  test("I22: of several clients that don't read, the one with the largest queue is cut off, and the others lose nothing", async () => {
    await server.close()
    const clock = fakeClock()
    server = await aServer({ clock, maxQueuedBytes: 300_000 })
    const agent = await server.connect(server.agent)
    const started = await agent.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
    const run_id = started.ok ? started.run_id : ""
    const turns = Array(20).fill({ message: "m".repeat(15_000) })
    await agent.emitWithAck("runs.record_turns", { run_id, turns })
    // Connects a client that doesn't poll, so that its data is queued in the process instead of in the kernel.
    const aPoller = async (limit: number) => {
      const path = "/socket.io/?EIO=4&transport=polling"
      const { body } = await server.fetch(path)
      const session = `${path}&sid=${/"sid":"([\w-]+)"/.exec(body)?.[1]}`
      const post = (text: string) => server.fetch(session, { method: "POST", body: text })
      await post(`40{"token":"${server.viewer}"}`)
      await server.fetch(session)
      await post(`420["runs.get_trace",{"run_id":"${run_id}","limit":${limit}}]`)
      return () => server.fetch(session)
    }
    const [few, many, some] = [await aPoller(5), await aPoller(17), await aPoller(7)]
    const queued = async () => {
      const { body } = await server.fetch("/metrics", {
        headers: { authorization: `Bearer ${server.viewer}` },
      })
      return Number(/^turnline_queued_bytes (\d+)$/m.exec(body)?.[1])
    }
    await expect.poll(queued).toBeGreaterThan(430_000)
    await clock.advanceAsync(1_000)
    expect(await queued()).toBeLessThan(300_000)
    expect((await many()).status).toBe(400)
    for (const [poll, count] of [
      [few, 5],
      [some, 7],
    ] as const) {
      const { status, body } = await poll()
      expect(status).toBe(200)
      expect(body.match(/m{15000}/g)).toHaveLength(count)
    }
    expect(agent.connected).toBe(true)
  })
})

/** Returns a small seeded random number generator (mulberry32), so that a failure can be reproduced. */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
