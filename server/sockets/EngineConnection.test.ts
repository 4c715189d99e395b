import { once } from "node:events"
import { createServer } from "node:http"
import type { AddressInfo, Socket } from "node:net"
import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { WebSocket } from "ws"
import { eventually } from "@/lib/testing/eventually"
import { createEngine, EngineConnection, type RawEngineSocket } from "./EngineConnection"

let engineConnection: EngineConnection
let connection: RawEngineSocket
let stream: Socket
let readies = 0
let client: WebSocket
const received: string[] = []
const messages: [text: string, bytes: number][] = []
let end: () => Promise<void>

beforeEach(async () => {
  received.length = 0
  messages.length = 0
  const engine = createEngine({ maxMessageBytes: 1_000_000, transports: ["polling", "websocket"] })
  const http = createServer()
  engine.attach(http)
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  const connected = new Promise<RawEngineSocket>((resolve) => engine.once("connection", resolve))
  const { port } = http.address() as AddressInfo
  client = new WebSocket(`ws://127.0.0.1:${port}/engine.io/?EIO=4&transport=websocket`)
  client.on("message", (data) => received.push(String(data)))
  connection = await connected
  readies = 0
  const listeners = {
    onText: (text: string, bytes: number) => messages.push([text, bytes]),
    onBinary: () => {},
    onClose: () => {},
  }
  engineConnection = new EngineConnection(connection, { ...listeners, onReady: () => readies++ })
  await eventually(() => expect(received).toHaveLength(1))
  received.length = 0
  stream = Reflect.get(connection.transport.socket ?? {}, "_socket")
  end = async () => {
    client.terminate()
    engine.close()
    http.close()
    await once(http, "close")
  }
})
afterEach(() => end())

test.each([
  ["shorter than 126 bytes", 10],
  ["of 126 bytes", 126 - '42["runs.error",""]'.length],
  ["of 64 KiB", 65_536 - '42["runs.error",""]'.length],
  ["of 300,000 bytes", 300_000],
])("an event %s arrives as it was encoded", async (_, length) => {
  const json = JSON.stringify("x".repeat(length))
  engineConnection.send({ name: "runs.error", json })
  await eventually(() => expect(received).toEqual([`42["runs.error",${json}]`]))
})

test("an event with text beyond ASCII arrives as it was encoded", async () => {
  const json = JSON.stringify("é😀\u2028".repeat(50))
  engineConnection.send({ name: "runs.error", json })
  await eventually(() => expect(received).toEqual([`42["runs.error",${json}]`]))
})

test("reports the size of each message", async () => {
  client.send("42short")
  client.send(Buffer.from([1, 2, 3]))
  client.send("42é😀")
  await vi.waitFor(() =>
    expect(messages).toEqual([
      ["2short", 6],
      ["2é😀", 7],
    ]),
  )
})

test("an event that is sent again isn't framed again", async () => {
  const event = { name: "runs.error", json: "1" } as const
  const frames: unknown[] = []
  connection.on("packetCreate", ({ options }) => frames.push(options.wsPreEncodedFrame))
  engineConnection.send(event)
  engineConnection.send(event)
  await eventually(() => expect(received).toHaveLength(2))
  expect(frames[0]).toBeDefined()
  expect(frames[1]).toBe(frames[0])
})

test("everything sent in one tick is written at the end of the tick, in order, and counts as queued until then", async () => {
  const writes = vi.spyOn(stream, "_writev")
  for (let number = 0; number < 20; number++) connection.write(`2["e",${number}]`)
  expect(engineConnection.ready).toBe(false)
  expect(engineConnection.queuedBytes()).toBeGreaterThan(20 * '42["e",0]'.length)
  expect(writes).not.toHaveBeenCalled()
  await eventually(() => expect(received).toHaveLength(20))
  expect(received).toEqual(Array.from({ length: 20 }, (_, number) => `42["e",${number}]`))
  expect(writes).toHaveBeenCalledTimes(1)
  await eventually(() => expect(engineConnection.ready).toBe(true))
  expect(readies).toBeGreaterThan(0)
  expect(engineConnection.queuedBytes()).toBe(0)
})

test("everything sent right before a close still arrives", async () => {
  connection.write('2["e",1]')
  connection.write('2["e",2]')
  engineConnection.close()
  await eventually(() => expect(received).toEqual(['42["e",1]', '42["e",2]']))
})

test("a transport whose data the kernel doesn't accept isn't writable after the tick", async () => {
  vi.spyOn(stream, "_writev").mockImplementation(() => {})
  connection.write('2["e",1]')
  await new Promise((resolve) => setImmediate(resolve))
  expect(engineConnection.ready).toBe(false)
  connection.write('2["e",2]')
  expect(engineConnection.queuedBytes()).toBeGreaterThan('42["e",1]2["e",2]'.length)
  engineConnection.terminate()
})
