import { EventEmitter } from "node:events"
import { Socket as EngineSocket, transports } from "engine.io"
import { EngineConnection, type RawEngineSocket, type Transport } from "./EngineConnection"

/** Throws if engine.io no longer has the private fields and events that `EngineConnection` uses. */
export function checkEngine(): void {
  const socket = new FakeWebSocket()
  const request = { websocket: socket, _query: { EIO: "4", transport: "websocket" }, connection: {} }
  // Uses `Reflect.construct`, because the constructors' types require real requests.
  const transport: Transport = Reflect.construct(transports.websocket, [request])
  const opts = { pingInterval: 1, pingTimeout: 1, transports: ["websocket"], maxHttpBufferSize: 1 }
  const server = Object.assign(new EventEmitter(), { opts, upgrades: () => [] })
  const connection: RawEngineSocket = Reflect.construct(EngineSocket, [
    "check",
    server,
    transport,
    request,
    4,
  ])
  let readies = 0
  const engineConnection = new EngineConnection(connection, {
    onReady: () => readies++,
    onText: () => undefined,
    onBinary: () => undefined,
    onClose: () => undefined,
  })
  try {
    socket.flush()
    const writable = engineConnection.ready && engineConnection.queuedBytes() === 0
    engineConnection.send({ name: "runs.error", json: "1" })
    const handedOver = socket.sent.at(-1) === '42["runs.error",1]' && !engineConnection.ready
    engineConnection.send({ name: "runs.error", json: "2" })
    const held =
      engineConnection.queuedBytes() > '42["runs.error",2]'.length && connection.writeBuffer.length === 1
    socket.flush()
    socket.flush()
    const drained = socket.sent.at(-1) === '42["runs.error",2]' && engineConnection.ready && readies > 0
    engineConnection.pause()
    engineConnection.terminate()
    const ended = socket.paused && socket.terminated
    const hasTimer = "pingTimeoutTimer" in connection
    if (!(writable && handedOver && held && drained && ended && hasTimer))
      throw new Error(
        `engine.io doesn't behave as expected: ${JSON.stringify({ writable, handedOver, held, drained, ended, hasTimer })}`,
      )
  } finally {
    connection.close(true)
  }
}

/** A fake `ws` for the check. Sends complete on `flush`. */
class FakeWebSocket extends EventEmitter {
  readonly bufferedAmount = 0
  readonly sent: string[] = []
  paused = false
  terminated = false
  #sending: (() => void)[] = []

  /** The private sender of `ws`, which engine.io uses for pre-encoded frames. */
  readonly _sender = {
    sendFrame: ([, payload]: Buffer[], done: () => void): void => this.send(String(payload), done),
  }

  send(data: string, done: () => void): void {
    this.sent.push(data)
    this.#sending.push(done)
  }

  flush(): void {
    for (const done of this.#sending.splice(0)) done()
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  terminate(): void {
    this.terminated = true
    this.emit("close")
  }

  close(): void {
    this.emit("close")
  }
}
