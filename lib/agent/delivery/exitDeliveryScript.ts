/**
 * Delivers the `ExitDelivery` that it reads from standard input. It is a separate script, because a process that is
 * exiting can't run anything asynchronous. It implements WebSocket and Socket.IO itself, because it must run without
 * dependencies, in Node 18. It retries until everything is delivered, for at most 30 s, because the server may be
 * restarting. Then it removes the directory that its first argument names, if there is one.
 */
export const EXIT_DELIVERY_SCRIPT = String.raw`
const http = require("node:http")
const https = require("node:https")
const { randomBytes } = require("node:crypto")
const [directory] = process.argv.slice(1)
if (directory !== undefined) process.on("exit", () => require("node:fs").rmdirSync(directory))
setTimeout(() => process.exit(1), 30_000)
const { url, auth, transports, route, runs } = JSON.parse(require("node:fs").readFileSync(0, "utf8"))
const base = new URL(url)
const isSecure = base.protocol === "https:"
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

/** Opens a connection to the server through a proxy. */
function tunnel() {
  const proxy = new URL(route.proxy)
  const path = base.hostname + ":" + (base.port || (isSecure ? 443 : 80))
  const headers = { host: path }
  if (proxy.username !== "") {
    const login = decodeURIComponent(proxy.username) + ":" + decodeURIComponent(proxy.password)
    headers["proxy-authorization"] = "Basic " + Buffer.from(login).toString("base64")
  }
  const place = { host: proxy.hostname, port: proxy.port, method: "CONNECT", path, headers }
  return new Promise((resolve, reject) => {
    const request = (proxy.protocol === "https:" ? https : http).request(place)
    request.on("connect", ({ statusCode }, socket) => {
      if (statusCode === 200) resolve(socket)
      else reject(new Error("the proxy refused"))
    })
    request.on("error", reject)
    request.end()
  })
}

async function request(transport, sid, options) {
  const more = { ...route.tls, ...options }
  if (route.proxy !== undefined) {
    const socket = await tunnel()
    const servername = require("node:net").isIP(base.hostname) ? "" : base.hostname
    more.createConnection = () =>
      isSecure ? require("node:tls").connect({ servername, ...route.tls, socket }) : socket
  }
  const address = url + "/socket.io/?EIO=4&transport=" + transport + (sid === "" ? "" : "&sid=" + sid)
  return (isSecure ? https : http).request(address, more)
}

async function openWebSocket(take, fail) {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": randomBytes(16).toString("base64"),
  }
  const upgrade = await request("websocket", "", { headers })
  const [socket, head] = await new Promise((resolve, reject) => {
    upgrade.on("upgrade", (_, socket, head) => resolve([socket, head]))
    upgrade.on("response", () => reject(new Error("no WebSocket")))
    upgrade.on("error", reject)
    upgrade.end()
  })
  const write = (opcode, payload) => {
    const { length } = payload
    const size =
      length < 126
        ? [128 | length]
        : length < 65536
          ? [254, length >> 8, length & 255]
          : [255, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255]
    const mask = randomBytes(4)
    for (let at = 0; at < length; at++) payload[at] ^= mask[at & 3]
    socket.write(Buffer.concat([Buffer.from([128 | opcode, ...size]), mask, payload]))
  }
  let received = Buffer.alloc(0)
  let parts = []
  const read = (chunk) => {
    received = Buffer.concat([received, chunk])
    for (;;) {
      if (received.length < 10 && received.length < 2 + [0, 2, 8][Math.max(0, (received[1] & 127) - 125)]) return
      let size = received[1] & 127
      let start = 2
      if (size === 126) [size, start] = [received.readUInt16BE(2), 4]
      else if (size === 127) [size, start] = [Number(received.readBigUInt64BE(2)), 10]
      if (received.length < start + size) return
      const [first] = received
      const payload = Buffer.from(received.subarray(start, start + size))
      received = received.subarray(start + size)
      const opcode = first & 15
      if (opcode === 8) fail(new Error("closed"))
      else if (opcode === 9) write(10, payload)
      else if (opcode < 3) {
        parts.push(payload)
        if (first & 128) {
          take(Buffer.concat(parts).toString())
          parts = []
        }
      }
    }
  }
  socket.on("data", read)
  socket.on("error", fail)
  socket.on("close", () => fail(new Error("closed")))
  if (head.length > 0) read(head)
  return (packet) => write(1, Buffer.from(packet))
}

async function openPolling(take, fail) {
  let sid = ""
  const exchange = async (method, body) => {
    const sent = await request("polling", sid, { method })
    return new Promise((resolve, reject) => {
      sent.on("response", (response) => {
        let text = ""
        response.setEncoding("utf8")
        response.on("data", (chunk) => (text += chunk))
        response.on("end", () => {
          if (response.statusCode === 200) resolve(text)
          else reject(new Error("HTTP " + response.statusCode))
        })
        response.on("error", reject)
      })
      sent.on("error", reject)
      sent.end(body)
    })
  }
  const poll = async () => {
    for (;;) for (const packet of (await exchange("GET")).split("\x1e")) take(packet)
  }
  const opened = await exchange("GET")
  sid = JSON.parse(opened.slice(1)).sid
  take("0")
  poll().catch(fail)
  let sending = Promise.resolve()
  return (packet) => {
    sending = sending.then(() => exchange("POST", packet)).catch(fail)
  }
}

/** Connects, and resolves with a function that sends a command and resolves with its reply. */
async function connect(transport) {
  let send = () => {}
  let lastId = 0
  const waiting = new Map()
  let fail
  const failed = new Promise((_, reject) => (fail = reject))
  failed.catch(() => {})
  const wait = (key) => Promise.race([failed, new Promise((resolve) => waiting.set(key, resolve))])
  const opened = wait("open")
  const accepted = wait("accepted")
  const take = (packet) => {
    const reply = /^43(\d+)(\[[^]*)$/.exec(packet)
    if (reply !== null) waiting.get(reply[1])?.(JSON.parse(reply[2])[0])
    else if (packet === "2") send("3")
    else if (packet.startsWith("40")) waiting.get("accepted")()
    else if (packet.startsWith("0")) waiting.get("open")()
    else if (/^44.*"(unauthenticated|unsupported_protocol)"/.test(packet)) process.exit(1)
    else if (packet === "1" || packet.startsWith("41") || packet.startsWith("44")) fail(new Error("refused"))
  }
  const open = transport === "websocket" ? openWebSocket : openPolling
  send = await open(take, fail)
  await opened
  send("40" + JSON.stringify(auth))
  await accepted
  const attempt = (event, payload) => {
    const id = String(++lastId)
    const reply = wait(id)
    send("42" + id + JSON.stringify([event, payload]))
    return reply
  }
  return async (event, payload) => {
    for (;;) {
      const reply = await attempt(event, payload)
      if (reply.ok || !["unavailable", "rate_limited"].includes(reply.error.code)) return reply
      await pause(reply.error.retry_after_ms ?? 100)
    }
  }
}

/** Sends a batch. If it is refused, sends its halves, and replaces each refused turn with a note. */
async function record(call, run_id, turns, idempotency_key, expected_index) {
  const reply = await call("runs.record_turns", { run_id, turns, idempotency_key, expected_index })
  const code = reply.ok ? "" : reply.error.code
  if (code !== "invalid_params" && code !== "too_large") return reply
  if (turns.length === 1) {
    if (turns[0].event === "turn_refused" || reply.dropped === "run_turn_limit") return reply
    const note = { kind: "system", event: "turn_refused", message: "The server refused a turn." }
    return record(call, run_id, [note], idempotency_key + "n", expected_index)
  }
  const half = turns.length >> 1
  const first = await record(call, run_id, turns.slice(0, half), idempotency_key + "a", expected_index)
  if (!first.ok) return first
  const next = expected_index === undefined ? undefined : first.base_index + first.count
  return record(call, run_id, turns.slice(half), idempotency_key + "b", next)
}

/** Removes a number of turns from the start of the batches. */
function withoutFirst(batches, count) {
  const [batch, ...rest] = batches
  if (batch === undefined || count <= 0) return batches
  if (count >= batch.turns.length) return withoutFirst(rest, count - batch.turns.length)
  return [{ ...batch, key: batch.key + "." + count, turns: batch.turns.slice(count) }, ...rest]
}

async function start(call, run) {
  const parent = runs[run.parent]?.id
  const payload = parent === undefined ? run.start : { ...run.start, parent: { ...run.start.parent, run_id: parent } }
  const reply = await call("runs.start", payload)
  if (reply.ok) [run.id, run.cursor] = [reply.run_id, reply.cursor]
}

async function finish(call, { id: run_id, cursor, update, batches, position, inDoubt, outcome, inferred }) {
  if (run_id === undefined) return
  if (update !== undefined) await call("runs.update", { run_id, ...update })
  for (const { turns, children = [] } of batches)
    for (const [turn, run] of children) if (runs[run].id !== undefined) turns[turn].child_run_id = runs[run].id
  let left = batches
  let index = position ?? inDoubt?.index
  if (position !== undefined && cursor > position) {
    left = withoutFirst(batches, cursor - position)
    index = cursor
  }
  while (left.length > 0) {
    const [{ key, turns }] = left
    const reply = await record(call, run_id, turns, key, index)
    if (reply.ok) {
      left = left.slice(1)
      index = position === undefined ? undefined : reply.base_index + reply.count
    } else if (reply.error.code !== "index_conflict") {
      break
    } else if (position === undefined) {
      const probe = { run_id, turns: [{ kind: "system", event: "probe" }], idempotency_key: inDoubt.key }
      const known = await call("runs.record_turns", { ...probe, expected_index: inDoubt.index })
      if (known.ok) left = withoutFirst(left, inDoubt.turns)
      index = undefined
    } else {
      if (!(reply.error.cursor > index)) break
      left = withoutFirst(left, reply.error.cursor - index)
      index = reply.error.cursor
    }
  }
  if (outcome !== undefined) await call("runs.complete", { run_id, outcome, ...(inferred && { inferred }) })
}

async function main() {
  for (let attempt = 0; ; attempt++) {
    try {
      const call = await connect(transports[attempt % transports.length])
      for (const run of runs) await start(call, run)
      await Promise.all(runs.map((run) => finish(call, run)))
      process.exit(0)
    } catch {
      await pause(attempt < transports.length ? 0 : 50)
    }
  }
}
main()
`
