import { once } from "node:events"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { WebSocket } from "ws"
import type { IngestNote } from "@/lib/protocol/events"
import { aServer, aToken, type TestClient, type TestServer } from "@/lib/testing/aServer"
import { eventually } from "@/lib/testing/eventually"

let server: TestServer
let agent: TestClient
let lost: string[]
const raws: WebSocket[] = []

beforeEach(async () => {
  server = await aServer()
  agent = await server.connect(server.agent)
  lost = []
  agent.on("disconnect", (reason) => lost.push(reason))
})
afterEach(async () => {
  for (const raw of raws.splice(0)) raw.terminate()
  await server.close()
})

type AnyReply = { ok: boolean; [field: string]: unknown; error?: { code: string; message: string } }
const ask = (event: string, payload: unknown): Promise<AnyReply> =>
  (agent as unknown as { emitWithAck(event: string, payload: unknown): Promise<AnyReply> }).emitWithAck(
    event,
    payload,
  )

async function aRun(): Promise<string> {
  const started = await agent.emitWithAck("runs.start", { intent: "x", agent_id: "a" })
  if (!started.ok) throw new Error(started.error.message)
  return started.run_id
}

async function exportOf(run_id: string): Promise<string> {
  const headers = { authorization: `Bearer ${server.viewer}` }
  return (await server.fetch(`/api/runs/${run_id}/export?format=jsonl`, { headers })).body
}

/** Returns the first turn of a run, as viewers get it. */
async function turnOf(run_id: string): Promise<Record<string, unknown>> {
  const viewer = await server.connect(server.viewer)
  const reply = await viewer.emitWithAck("runs.get_turn", { run_id, index: 0 })
  if (!reply.ok) throw new Error(reply.error.message)
  return reply.turn
}

/** Opens a connection that sends raw packets. */
async function aRawClient(token: string) {
  const raw = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`)
  raws.push(raw)
  const received: string[] = []
  raw.on("message", (data) => received.push(String(data)))
  await once(raw, "open")
  /** Waits for a packet that starts with `text`, or an event that contains it. Returns the first one. */
  const receive = (text: string): Promise<string> =>
    eventually(() => {
      const found = received.find(
        (packet) => packet.startsWith(text) || (packet.startsWith("42") && packet.includes(text)),
      )
      if (found === undefined) throw new Error(`nothing with ${text} in ${received.join(" ")}`)
      return found
    })
  raw.send(`40${JSON.stringify({ token })}`)
  await receive("40{")
  return { raw, receive }
}

/** Sends a packet as an agent on a new connection, and returns the reply. */
async function sendRaw(packet: string): Promise<string> {
  const { raw, receive } = await aRawClient(server.agent)
  raw.send(packet)
  return receive(/^42\d/.test(packet) ? "43" : "runs.error")
}

describe("bytes in a message", () => {
  test("are text if they are UTF-8, and a description of their size if not", async () => {
    const run_id = await aRun()
    const turns = [
      { tool: "bash", output: Buffer.from("hé\n"), parameters: { raw: Buffer.from([0xff, 0xfe, 0]) } },
    ]
    expect(await ask("runs.record_turns", { run_id, turns })).toMatchObject({ ok: true })
    expect(await turnOf(run_id)).toMatchObject({ output: "hé\n", parameters: { raw: "[binary, 3 bytes]" } })
    expect(lost).toEqual([])
  })

  test("may be in each turn of a batch, at any depth", async () => {
    const run_id = await aRun()
    const turns = Array.from({ length: 256 }, (_, at) => ({
      output: { deep: [{ bytes: Buffer.from(`${at}`) }] },
    }))
    expect(await ask("runs.record_turns", { run_id, turns })).toMatchObject({ ok: true, count: 256 })
    expect(await exportOf(run_id)).toContain('"output":{"deep":[{"bytes":"255"}]}')
  })

  test("count towards the size of a message", async () => {
    const run_id = await aRun()
    const viewer = await server.connect(server.viewer)
    await ask("runs.record_turns", { run_id, turns: [{ output: Buffer.alloc(5_000, "a") }] })
    const watched = await viewer.emitWithAck("ingest.watch", {})
    expect(watched.ok && watched.recent.at(-1)?.bytes).toBeGreaterThan(5_000)
  })

  test("can be sent as the intent or as a whole turn", async () => {
    const started = await ask("runs.start", { intent: Buffer.from("from bytes"), agent_id: "a" })
    expect(started).toMatchObject({ ok: true })
    const run_id = String(started.run_id)
    expect(await ask("runs.record_turns", { run_id, turns: [Buffer.from("hi")] })).toMatchObject({ ok: true })
    expect(await turnOf(run_id)).toMatchObject({ message: "hi" })
  })

  /** A command with the acknowledgement 1, and the frames of its attachments. */
  const unreadable: [string, string, (string | Buffer)[], RegExp][] = [
    [
      "a placeholder without an attachment",
      '{"_placeholder":true,"num":1}',
      [Buffer.from("x")],
      /is missing/,
    ],
    ["JSON that is invalid", "nan", [Buffer.from("x")], /isn't valid JSON/],
    [
      "too many levels",
      `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
      [Buffer.from("x")],
      /nested too deeply|nested deeper/,
    ],
    ["too many attachments", "1", Array.from({ length: 5_000 }, () => Buffer.from("x")), /more than 4096/],
    ["no attachment before the next message", '{"_placeholder":true,"num":0}', [], /is missing/],
  ]
  test.each(unreadable)(
    "in a command with %s get a reply, and the connection stays open",
    async (...given) => {
      const [, payload, attachments, reply] = given
      const { raw, receive } = await aRawClient(server.agent)
      raw.send(`45${Math.max(1, attachments.length)}-1["runs.record_turns",${payload}]`)
      for (const attachment of attachments) raw.send(attachment)
      raw.send('422["runs.start",{"agent_id":"a","intent":"next"}]')
      expect(await receive("432[")).toContain('"ok":true')
      const refused = await receive("431[")
      expect(refused).toContain("invalid_params")
      expect(refused).toMatch(reply)
    },
  )

  test("may be replaced with text, as by a client that can't read a Blob", async () => {
    const run_id = await aRun()
    const { raw, receive } = await aRawClient(server.agent)
    const turn = '{"output":{"_placeholder":true,"num":0}}'
    raw.send(`451-1["runs.record_turns",{"run_id":"${run_id}","turns":[${turn}]}]`)
    raw.send("4[object Blob]")
    expect(await receive("431[")).toContain('"ok":true')
    expect(await turnOf(run_id)).toMatchObject({ output: "[object Blob]" })
  })

  test("without an event close the connection", async () => {
    const raw = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`)
    raws.push(raw)
    await once(raw, "open")
    raw.send(Buffer.from("x"))
    await once(raw, "close")
  })
})

describe("numbers that JSON or JavaScript can't represent", () => {
  test("large integers keep their digits on the wire and in exports", async () => {
    const run_id = await aRun()
    const turn =
      '{"tool":"lookup","parameters":{"order_id":1610521604143693812},"output":"{\\"id\\":1610521604143693812}"}'
    const reply = await sendRaw(`4215["runs.record_turns",{"run_id":"${run_id}","turns":[${turn}]}]`)
    expect(reply).toContain('4315[{"ok":true')
    expect(await exportOf(run_id)).toContain('"parameters":{"order_id":1610521604143693812}')
    const viewer = await aRawClient(server.viewer)
    viewer.raw.send(`421["runs.get_turn",{"run_id":"${run_id}","index":0}]`)
    expect(await viewer.receive("431[")).toContain('"order_id":1610521604143693812')
    viewer.raw.send(`422["runs.get_trace",{"run_id":"${run_id}"}]`)
    expect(await viewer.receive("432[")).toContain('"order_id":1610521604143693812')
    viewer.raw.send(`423["runs.subscribe",{"run_id":"${run_id}"}]`)
    expect(await viewer.receive("snapshot")).toContain('"order_id":1610521604143693812')
  })

  test("large integers keep their digits in live events", async () => {
    const run_id = await aRun()
    const viewer = await aRawClient(server.viewer)
    viewer.raw.send(`421["runs.subscribe",{"run_id":"${run_id}"}]`)
    await viewer.receive("snapshot")
    await sendRaw(
      `421["runs.record_turns",{"run_id":"${run_id}","turns":[{"output":[18446744073709551615]}]}]`,
    )
    expect(await viewer.receive('"record":"turns"')).toContain('"output":[18446744073709551615]')
  })

  test("the title has all digits of large integers", async () => {
    const run_id = await aRun()
    await sendRaw(
      `421["runs.record_turns",{"run_id":"${run_id}","turns":[{"tool":"get","parameters":{"id":1610521604143693812}}]}]`,
    )
    const viewer = await server.connect(server.viewer)
    const page = await viewer.emitWithAck("runs.get_outline", { run_id })
    expect(page.ok && page.outline[0]?.title).toBe("get id: 1610521604143693812")
  })

  test("large integers keep their digits in an outcome, a label and progress", async () => {
    const started = await sendRaw(
      '421["runs.start",{"intent":"x","agent_id":"a","labels":{"pr":9007199254740993}}]',
    )
    const run_id = /"run_id":"([^"]+)"/.exec(started)?.[1] ?? ""
    await sendRaw(
      `421["runs.complete",{"run_id":"${run_id}","outcome":{"status":"done","metrics":{"n":9007199254740993}}}]`,
    )
    const text = await exportOf(run_id)
    expect(text).toContain('"labels":{"pr":"9007199254740993"}')
    expect(text).toContain('"metrics":{"n":9007199254740993}')
    const summary = await server.fetch(`/api/runs/${run_id}`, {
      headers: { authorization: `Bearer ${server.viewer}` },
    })
    expect(summary.body).toContain('"n":9007199254740993')
  })

  test.each(["NaN", "Infinity", "-Infinity"])(
    "a bare %s becomes text, and the connection stays open",
    async (word) => {
      const run_id = await aRun()
      const reply = await sendRaw(
        `427["runs.record_turns",{"run_id":"${run_id}","turns":[{"output":{"loss":${word}}}]}]`,
      )
      expect(reply).toContain('437[{"ok":true')
      expect(await turnOf(run_id)).toMatchObject({ output: { loss: word } })
    },
  )

  test("for a bare NaN as a cost, only the cost is refused", async () => {
    const run_id = await aRun()
    await sendRaw(`427["runs.record_turns",{"run_id":"${run_id}","turns":[{"message":"m","cost_usd":NaN}]}]`)
    expect(await turnOf(run_id)).toMatchObject({ message: "m", attributes: { refused: { cost_usd: "NaN" } } })
  })
})

describe("a message that isn't JSON", () => {
  test.each(["{", "{'a':1}", '{"run_id":undefined}', '{"a":1}x', "nan]"])(
    "gets a reply: %s",
    async (payload) => {
      expect(await sendRaw(`4212["runs.record_turns",${payload}]`)).toMatch(
        /^4312\[\{"ok":false,.*isn't valid JSON/,
      )
    },
  )

  test("gets an error event if it has no acknowledgement", async () => {
    expect(await sendRaw('42["runs.record_turns",{]')).toMatch(/^42\["runs.error".*isn't valid JSON/)
  })

  test("appears on the Connect page", async () => {
    await sendRaw('421["runs.record_turns",{]')
    const viewer = await server.connect(server.viewer)
    const watched = await viewer.emitWithAck("ingest.watch", {})
    expect(watched.ok && watched.recent.at(-1)).toMatchObject({
      ...{ event: "runs.record_turns", ok: false, code: "invalid_params" },
      message: expect.stringContaining("JSON"),
    })
  })
})

describe("a message that isn't an event", () => {
  test.each(["42", "42notjson", "42[]", "42{}", '42["connect",{}]', "42[7,{}]"])(
    "gets an error event: %s",
    async (packet) => {
      const { raw, receive } = await aRawClient(server.agent)
      raw.send(packet)
      expect(await receive("runs.error")).toMatch(/"event":"(message|7|undefined)".*invalid_params/)
      raw.send('421["runs.start",{"agent_id":"a","intent":"next"}]')
      expect(await receive("431[")).toContain('"ok":true')
    },
  )

  test.each(["nonsense", "[1]", "5"])("but a CONNECT with invalid data is refused: %s", async (auth) => {
    const raw = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?EIO=4&transport=websocket`)
    raws.push(raw)
    await once(raw, "message")
    raw.send(`40${auth}`)
    const [refused] = await once(raw, "message")
    expect(String(refused)).toMatch(/^44.*must be a JSON object/)
  })

  /** Returns the errors of refused messages on the Connect page. */
  async function readReasons(): Promise<(string | undefined)[]> {
    const viewer = await server.connect(server.viewer)
    const watched = await viewer.emitWithAck("ingest.watch", {})
    return watched.ok ? watched.recent.flatMap((note: IngestNote) => (note.ok ? [] : [note.message])) : []
  }

  test("or a packet closes the connection with an error event and a row on the Connect page", async () => {
    const { raw, receive } = await aRawClient(server.agent)
    const closed = once(raw, "close")
    raw.send('4{"event":"runs.start"}')
    expect(await receive("runs.error")).toContain("so the connection was closed")
    await closed
    expect(await readReasons()).toEqual([expect.stringContaining("aren't part of the protocol")])
  })

  test.each(["hello", "2"])("of Engine.IO appears on the Connect page: %s", async (frame) => {
    const { raw } = await aRawClient(server.agent)
    const closed = once(raw, "close")
    raw.send(frame)
    await closed
    expect(await readReasons()).toEqual([expect.stringContaining("Engine.IO protocol")])
  })
})

describe("common payloads of unmodified Socket.IO clients", () => {
  test("null, a time without a zone and numbers as labels are accepted", async () => {
    const started = await ask("runs.start", {
      run_id: null,
      agent_id: "a",
      intent: "x",
      labels: { pr: 123 },
      parent: null,
    })
    expect(started).toMatchObject({ ok: true })
    const run_id = String(started.run_id)
    const turns = [
      { kind: "model", message: null, tool: null, usage: { input_tokens: 5, cached_input_tokens: null } },
      { tool: "t", started_at: "2026-01-01T10:00:00.123456", error: null, output: null },
    ]
    expect(await ask("runs.record_turns", { run_id, turns })).toMatchObject({ ok: true, count: 2 })
    const end = { run_id, outcome: { status: "success", summary: null } }
    expect(await ask("runs.complete", end)).toMatchObject({ ok: true })
    const text = await exportOf(run_id)
    expect(text).toContain('"started_at":"2026-01-01T10:00:00.123Z"')
    expect(text).not.toContain("null")
  })

  test("usage with OpenAI's names is counted, and an error's code and stack are stored", async () => {
    const run_id = await aRun()
    const usage = { prompt_tokens: 512, completion_tokens: 73, total_tokens: 585 }
    const error = { message: "boom", type: "E", code: "ECONNRESET", stack: "at line 7" }
    await ask("runs.record_turns", { run_id, turns: [{ usage }, { tool: "t", error }] })
    const text = await exportOf(run_id)
    expect(text).toContain('"usage":{"input_tokens":512,"output_tokens":73}')
    expect(text).toContain('"total_tokens":585')
    expect(text).toContain(JSON.stringify(error).slice(1, -1))
    const viewer = await server.connect(server.viewer)
    const list = await viewer.emitWithAck("runs.list", {})
    expect(list.ok && list.runs[0]?.totals).toMatchObject({ input_tokens: 512, output_tokens: 73, errors: 1 })
  })

  test("names in different scripts result in different agents", async () => {
    const idOf = async (agent_name: string) => (await ask("runs.start", { intent: "x", agent_name })).agent_id
    const ids = await Promise.all(["日本", "中国", "Agent ß", "Agent", "Ägent", "🤖"].map(idOf))
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids[3]).toBe("name:agent")
    for (const id of ids) expect(id).toMatch(/^name:[a-z0-9-]+$/)
    expect(await idOf("日本")).toBe(ids[0])
  })

  test("the error for a refused write names the agents that the token may write as", async () => {
    const ci = await server.connect(await aToken(server.accessStore, { write: ["ci/*", "build"] }))
    expect(await ci.emitWithAck("runs.start", { intent: "x", agent_id: "prod" })).toMatchObject({
      error: { code: "forbidden", message: expect.stringContaining("ci/*, build") },
    })
  })
})

describe("unsupported clients", () => {
  test("a Socket.IO 2 client that polls gets a connection and an error message", async () => {
    const response = await server.fetch("/socket.io/?EIO=3&transport=polling&t=1&b64=1")
    expect(response.status).toBe(200)
    const packets = response.body.split(/(?<=[}"0])\d+:/)
    expect(packets[0]).toMatch(/^\d+:0\{"sid"/)
    expect(packets.at(-1)).toMatch(/^44".*Socket\.IO client of version 3 or 4.*python-socketio 5.*"$/)
  })

  test.each(["EIO=3&transport=websocket", "transport=websocket", "EIO=9&transport=websocket"])(
    "another client that upgrades gets 400 with an error message: %s",
    async (query) => {
      const raw = new WebSocket(`ws://127.0.0.1:${server.port}/socket.io/?${query}`)
      const [, response] = await once(raw, "unexpected-response")
      const body = (await response.toArray()).join("")
      expect(response.statusCode).toBe(400)
      expect(body).toContain("Update it: socket.io-client 4")
    },
  )

  test("such a client appears on the Connect page, at most once a minute", async () => {
    for (let time = 0; time < 3; time++) await server.fetch("/socket.io/?EIO=3&transport=polling")
    const viewer = await server.connect(server.viewer)
    const watched = await viewer.emitWithAck("ingest.watch", {})
    const notes = watched.ok ? watched.recent.filter((note: IngestNote) => note.event === "connect") : []
    expect(notes).toMatchObject([
      { ok: false, message: expect.stringContaining("Socket.IO client of version") },
    ])
  })
})

describe("a message over the limit", () => {
  const lines: string[] = []
  beforeEach(async () => {
    lines.length = 0
    await server.close()
    server = await aServer({
      env: { TURNLINE_MAX_MESSAGE_BYTES: "100000", TURNLINE_MAX_TURN_BYTES: "50000" },
      log: (line) => lines.push(line),
    })
    agent = await server.connect(server.agent)
  })

  test.each([
    ["text over websocket", ["websocket"], "x".repeat(200_000)],
    ["bytes over websocket", ["websocket"], Buffer.alloc(200_000)],
    ["text over polling", ["polling"], "x".repeat(200_000)],
  ])(
    "closes the connection, with a line in the log and a row on the Connect page: %s",
    async (_, transports, output) => {
      const large = await server.connect(server.agent, { transports })
      const started = await large.emitWithAck("runs.start", { intent: "x", agent_id: "big/agent" })
      const run_id = started.ok ? started.run_id : ""
      const closed = new Promise((resolve) => large.once("disconnect", resolve))
      large.emit("runs.record_turns", { run_id, turns: [{ output: output as string }] })
      await closed
      const viewer = await server.connect(server.viewer)
      const readNotes = async () => {
        const watched = await viewer.emitWithAck("ingest.watch", {})
        return watched.ok ? watched.recent.filter((note: IngestNote) => note.code === "too_large") : []
      }
      await eventually(async () => expect(await readNotes()).toHaveLength(1))
      expect(await readNotes()).toMatchObject([
        { event: "message", agent_id: "big/agent", message: expect.stringContaining("100000 bytes") },
      ])
      const logged = lines.filter((line) => line.includes("message too large"))
      expect(logged).toHaveLength(1)
      expect(logged[0]).toContain("big/agent")
      expect(logged[0]).toContain("127.0.0.1")
    },
  )
})

describe("commands over the rate", () => {
  test("S16: 3,000 commands sent without waiting for replies are all executed, in order", async () => {
    const run_id = await aRun()
    for (let at = 0; at < 3_000; at++)
      agent.emit("runs.record_turns", { run_id, turns: [{ message: `${at}` }] })
    const last = await agent.emitWithAck("runs.record_turns", { run_id, turns: [{ message: "last" }] })
    expect(last).toMatchObject({ ok: true, base_index: 3_000 })
    expect(lost).toEqual([])
  })
})
