import type { EventEmitter } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { Server } from "engine.io"
import type { EncodedEvent } from "@/server/fanout/Subscriber"
import { type Frame, frameOf, PACKET_TYPE, packetOf } from "./frameOf"

/** This is the only module that uses private fields of engine.io. `checkEngine` fails if a release changes them. */

const PING_INTERVAL_MS = 15_000
const PING_TIMEOUT_MS = 20_000
/** How long a peer gets to respond to a close frame before its connection is terminated. */
const CLOSE_WAIT_MS = 2_000

/** Matches the error of `ws` for a message over the limit. */
const TOO_LARGE = /max payload size exceeded/i
/** Matches the error of engine.io for a client that sends pings, as in the previous version of the protocol. */
const VIOLATION = /invalid heartbeat direction/

type PacketOptions = { wsPreEncodedFrame?: Frame }
type Packet = { data?: string | Buffer; options?: PacketOptions }

/** The parts of `ws` that are used here. `_socket`: the underlying stream. */
type WebSocketLike = EventEmitter & {
  readonly bufferedAmount: number
  readonly _socket?: { cork(): void; uncork(): void }
  terminate(): void
  pause(): void
  resume(): void
}

/** A transport with its private fields: `socket` exists with WebSocket, `res` while a polling request is waiting. */
export type Transport = EventEmitter & {
  name: string
  writable: boolean
  socket?: WebSocketLike
  res?: ServerResponse | null
}

/** An engine.io connection with its private fields. */
export type RawEngineSocket = EventEmitter & {
  /** engine.io's session id, a secret that it shares with the client. */
  id: string
  readyState: "opening" | "open" | "closing" | "closed"
  writeBuffer: Packet[]
  transport: Transport
  /** The first request, which has the headers for authentication. */
  request: IncomingMessage
  /** Runs from a ping until its pong. */
  pingTimeoutTimer: NodeJS.Timeout | null
  write(data: string, options?: PacketOptions): unknown
  close(discard?: boolean): void
}

/** Creates the engine. The caller passes it HTTP requests and upgrades after checking them. */
export function createEngine(options: {
  maxMessageBytes: number
  transports: readonly Transport["name"][]
  pingIntervalMs?: number
  pingTimeoutMs?: number
}): Server {
  return new Server({
    pingInterval: options.pingIntervalMs ?? PING_INTERVAL_MS,
    pingTimeout: options.pingTimeoutMs ?? PING_TIMEOUT_MS,
    maxHttpBufferSize: options.maxMessageBytes,
    transports: options.transports.filter((name) => name === "polling" || name === "websocket"),
    perMessageDeflate: false,
    httpCompression: false,
    allowEIO3: false,
  })
}

/** Immediately closes a connection that has no `EngineConnection`. */
export function refuseConnection(connection: RawEngineSocket): void {
  const { socket } = connection.transport
  if (socket) socket.terminate()
  else connection.close(true)
}

type EngineListeners = {
  /** Called when the transport accepts packets again, because the kernel has accepted all earlier packets. */
  onReady: () => void
  /** Called with each text message and its size. */
  onText: (text: string, bytes: number) => void
  /** Called with the size of each binary message. */
  onBinary: (bytes: number) => void
  /** `cause`: what the client did wrong, if that is why the connection was closed. */
  onClose: (cause: "too large" | "violation" | undefined) => void
}

/** A transport connection: tracks queued bytes and writability, pauses reading, and closes. */
export class EngineConnection {
  readonly #connection: RawEngineSocket
  readonly #listeners: EngineListeners
  /** The size of the packets queued in engine.io: bytes of frames, characters of other packets. */
  #packetsSize = 0
  /** The size of the polling responses that the kernel hasn't accepted yet. */
  #respondingBytes = 0
  #paused = false
  #corked = false
  #pausedReaders: (() => void)[] = []
  /** The size of the WebSocket message that is being decoded. */
  #messageBytes: number | undefined
  readonly #responses = new Set<ServerResponse>()

  constructor(connection: RawEngineSocket, listeners: EngineListeners) {
    this.#connection = connection
    this.#listeners = listeners
    connection.on("packetCreate", (packet: Packet) => {
      this.#packetsSize += packetSize(packet)
    })
    connection.on("flush", (packets: Packet[]) => {
      this.#packetsSize = 0
      // A connection usually gets only one pre-encoded frame per tick, so corking would have no benefit.
      if (!packets.every(({ options }) => options?.wsPreEncodedFrame)) this.#cork()
    })
    connection.on("drain", () => {
      // While the stream is corked, later packets of this tick don't have to wait until earlier packets are written.
      if (this.#corked) connection.transport.writable = true
    })
    // Runs before Socket.IO's listener, which closes the connection if it can't decode the message. `data` is undefined for
    // a message without content.
    connection.prependListener("data", (data: string | Buffer | ArrayBuffer | undefined) => {
      if (typeof data === "string") listeners.onText(data, this.#sizeOf(data))
      else listeners.onBinary(data?.byteLength ?? 0)
    })
    connection.on("upgrade", (transport: Transport) => this.#attach(transport))
    connection.on("close", (reason: string, error?: Error) => this.#onClose(reason, error))
    this.#attach(connection.transport)
  }

  /** True while the connection can be written to. */
  get open(): boolean {
    return this.#connection.readyState === "open"
  }

  /** True once it has closed. */
  get isClosed(): boolean {
    return this.#connection.readyState === "closed"
  }

  /** Returns the bytes queued in this process: engine.io's packets (in characters) and the socket's buffer. */
  queuedBytes(): number {
    if (this.#connection.readyState === "closed") return 0
    return (
      this.#packetsSize + this.#respondingBytes + (this.#connection.transport.socket?.bufferedAmount ?? 0)
    )
  }

  /** True if nothing is queued and the transport is writable. */
  get ready(): boolean {
    const { transport, writeBuffer, readyState } = this.#connection
    return readyState === "open" && !this.#corked && transport.writable && writeBuffer.length === 0
  }

  /** Sends an event. For WebSocket, an event is framed only once for all connections. */
  send(event: EncodedEvent): void {
    if (!this.open) return
    const isWebSocket = this.#connection.transport.socket !== undefined
    this.#connection.write(packetOf(event), isWebSocket ? { wsPreEncodedFrame: frameOf(event) } : {})
  }

  /** Stops reading until `resume`. Polling requests wait for `untilReading`. */
  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#connection.transport.socket?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#connection.transport.socket?.resume()
    this.#resumeReaders()
  }

  /** Extends the ping timeout, because while reading is paused, the client's pongs aren't received. */
  keepAlive(): void {
    this.#connection.pingTimeoutTimer?.refresh()
  }

  /** Resolves when reading isn't paused or the connection has closed. */
  async untilReading(): Promise<void> {
    while (this.#paused && !this.isClosed)
      await new Promise<void>((resolve) => this.#pausedReaders.push(resolve))
  }

  /** Sends everything queued, then closes without a DISCONNECT, so that an unmodified Socket.IO client reconnects. */
  close(): void {
    this.#connection.close()
  }

  /** Replies with a Socket.IO CONNECT_ERROR and closes. Ignores everything received after that. */
  refuse(error: { message: string; data: { code: string } }): void {
    if (this.open) this.#connection.write(`4${JSON.stringify(error)}`)
    this.close()
  }

  /** Closes immediately and drops everything queued. Frees memory and the file descriptor. */
  terminate(): void {
    const { socket } = this.#connection.transport
    if (socket) socket.terminate()
    else this.#connection.close(true)
    for (const response of this.#responses) response.destroy()
  }

  /** Writes everything that is sent in one tick with a single write, because each write is a system call (ADR 15). */
  #cork(): void {
    const { transport } = this.#connection
    const stream = transport.socket?._socket
    if (this.#corked || stream === undefined) return
    this.#corked = true
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      // engine.io sets this to true again once the kernel has accepted the data.
      transport.writable = false
      stream.uncork()
    })
  }

  /** Returns the size of a received text. Counting the bytes of a text beyond Latin-1 takes as long as decoding it. */
  #sizeOf(text: string): number {
    const bytes = this.#messageBytes ?? Buffer.byteLength(text)
    this.#messageBytes = undefined
    return bytes
  }

  #attach(transport: Transport): void {
    transport.on("ready", () => {
      if (this.ready) this.#listeners.onReady()
    })
    transport.on("headers", (_headers: unknown, request: { method?: string }) => {
      if (transport.res && request.method === "GET") this.#countResponse(transport.res)
    })
    if (this.#paused) transport.socket?.pause()
    // Runs before engine.io's listener, which decodes the message.
    transport.socket?.prependListener("message", (message: Buffer) => {
      this.#messageBytes = message.length - PACKET_TYPE.length
    })
    // Deferred, because engine.io flushes after the upgrade event.
    if (transport.socket)
      setImmediate(() => {
        if (this.ready) this.#listeners.onReady()
      })
  }

  /** Counts a polling response until the kernel has accepted it. */
  #countResponse(response: ServerResponse): void {
    if (this.#responses.has(response)) return
    this.#responses.add(response)
    let bytes = 0
    setImmediate(() => {
      if (!this.#responses.has(response)) return
      bytes = response.writableLength
      this.#respondingBytes += bytes
    })
    const done = () => {
      if (this.#responses.delete(response)) this.#respondingBytes -= bytes
    }
    response.once("finish", done)
    response.once("close", done)
  }

  #onClose(reason: string, error: Error | undefined): void {
    const { socket } = this.#connection.transport
    this.#packetsSize = 0
    if (reason === "ping timeout") {
      socket?.terminate()
      for (const response of this.#responses) response.destroy()
    } else if (socket) {
      const timer = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS).unref()
      socket.once("close", () => clearTimeout(timer))
    }
    this.#resumeReaders()
    const isViolation = reason === "parse error" || VIOLATION.test(String(error))
    this.#listeners.onClose(
      TOO_LARGE.test(String(error)) ? "too large" : isViolation ? "violation" : undefined,
    )
  }

  #resumeReaders(): void {
    for (const resolve of this.#pausedReaders.splice(0)) resolve()
  }
}

function packetSize({ data, options }: Packet): number {
  const frame = options?.wsPreEncodedFrame
  if (frame) return frame.reduce((sum, part) => sum + part.length, 0)
  return data?.length ?? 0
}
