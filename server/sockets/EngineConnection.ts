import type { EventEmitter } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { Server } from "engine.io"
import type { EncodedEvent } from "@/server/fanout/Subscriber"

/** The only module that uses private fields of engine.io. `checkEngine` fails if a release changes them. */

const PING_INTERVAL_MS = 15_000
const PING_TIMEOUT_MS = 20_000
/** A peer that doesn't answer a close frame keeps its file descriptor no longer than this. */
const CLOSE_WAIT_MS = 2_000

/** What `ws` calls a message over the limit. */
const TOO_LARGE = /max payload size exceeded/i

/** A WebSocket frame: its header and its payload. */
type Frame = [Buffer, Buffer]
type PacketOptions = { wsPreEncodedFrame?: Frame }
type Packet = { data?: string | Buffer; options?: PacketOptions }

/** The parts of `ws` that are used here. `_socket`: what it writes to. */
type WebSocketLike = EventEmitter & {
  readonly bufferedAmount: number
  readonly _socket?: { cork(): void; uncork(): void }
  terminate(): void
  pause(): void
  resume(): void
}

/** A transport with its private fields: `socket` exists with websocket, `res` while a poll is waiting. */
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
  /** The first request, whose headers say who is asking. */
  request: IncomingMessage
  /** Runs from a ping until its pong. */
  pingTimeoutTimer: NodeJS.Timeout | null
  write(data: string, options?: PacketOptions): unknown
  close(discard?: boolean): void
}

/** Creates the engine. The caller hands it HTTP requests and upgrades once they have been checked. */
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

/** Closes a connection immediately that no `EngineConnection` exists for. */
export function refuseConnection(connection: RawEngineSocket): void {
  const { socket } = connection.transport
  if (socket) socket.terminate()
  else connection.close(true)
}

type EngineListeners = {
  /** The transport accepts packets again; the kernel has all earlier ones. */
  ready: () => void
  /** A text message came in; its size in bytes. */
  received: (text: string) => void
  /** A binary message came in; its size in bytes. */
  binary: (bytes: number) => void
  /** `isTooLarge`: because of a message over the limit. */
  closed: (isTooLarge: boolean) => void
}

/** One transport connection: what waits to be sent, when it accepts more, and how to slow it down or end it. */
export class EngineConnection {
  readonly #connection: RawEngineSocket
  readonly #listeners: EngineListeners
  /** Characters of packets that engine.io holds, and bytes of polling responses that the kernel hasn't accepted yet. */
  #held = 0
  #responding = 0
  #paused = false
  #corked = false
  #holding: (() => void)[] = []
  readonly #responses = new Set<ServerResponse>()

  constructor(connection: RawEngineSocket, listeners: EngineListeners) {
    this.#connection = connection
    this.#listeners = listeners
    connection.on("packetCreate", (packet: Packet) => {
      this.#held += packetSize(packet)
    })
    connection.on("flush", (packets: Packet[]) => {
      this.#held = 0
      // A room's frame is sent as it is: there is one for each member and nothing to gather.
      if (!packets.every(({ options }) => options?.wsPreEncodedFrame)) this.#cork()
    })
    connection.on("drain", () => {
      // While corked, later packets of this tick needn't wait for those that were already handed over.
      if (this.#corked) connection.transport.writable = true
    })
    // Undefined: a message without content.
    connection.on("data", (data: string | Buffer | ArrayBuffer | undefined) => {
      if (typeof data === "string") listeners.received(data)
      else listeners.binary(data?.byteLength ?? 0)
    })
    connection.on("upgrade", (transport: Transport) => this.#attach(transport))
    connection.on("close", (reason: string, error?: Error) => this.#closed(reason, error))
    this.#attach(connection.transport)
  }

  /** Whether it can still be written to. */
  get open(): boolean {
    return this.#connection.readyState === "open"
  }

  /** Whether it has ended. */
  get gone(): boolean {
    return this.#connection.readyState === "closed"
  }

  /** Bytes waiting in this process: engine.io's packets (in characters), and what the socket holds. */
  queuedBytes(): number {
    if (this.#connection.readyState === "closed") return 0
    return this.#held + this.#responding + (this.#connection.transport.socket?.bufferedAmount ?? 0)
  }

  /** Whether the transport accepts a packet now: nothing is queued, and it is writable. */
  get ready(): boolean {
    const { transport, writeBuffer, readyState } = this.#connection
    return readyState === "open" && !this.#corked && transport.writable && writeBuffer.length === 0
  }

  /** Sends an event. It is framed for WebSocket once, however many connections it goes to. */
  send(event: EncodedEvent): void {
    if (!this.open) return
    const isWebSocket = this.#connection.transport.socket !== undefined
    this.#connection.write(packetOf(event), isWebSocket ? { wsPreEncodedFrame: frameOf(event) } : {})
  }

  /** Reads nothing more until `resume`. Requests of polling are held by the caller of `reading`. */
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

  /** Counts as a sign of life: while nothing is read, the client's own signs of life aren't seen. */
  keepAlive(): void {
    this.#connection.pingTimeoutTimer?.refresh()
  }

  /** Resolves when more may be read, or the connection is gone. */
  async reading(): Promise<void> {
    while (this.#paused && !this.gone) await new Promise<void>((resolve) => this.#holding.push(resolve))
  }

  /** Closes after what is queued has been sent, without a Socket.IO DISCONNECT, so that stock clients reconnect. */
  close(): void {
    this.#connection.close()
  }

  /** Replies with a Socket.IO CONNECT_ERROR and closes. Ignores everything received after that. */
  refuse(error: { message: string; data: { code: string } }): void {
    if (this.open) this.#connection.write(`4${JSON.stringify(error)}`)
    this.close()
  }

  /** Ends it immediately and drops what is queued; frees its memory and file descriptor. */
  terminate(): void {
    const { socket } = this.#connection.transport
    if (socket) socket.terminate()
    else this.#connection.close(true)
    for (const response of this.#responses) response.destroy()
  }

  /** Hands everything that one tick sends to the kernel in one write, each of which costs as much as making ten acknowledgements. */
  #cork(): void {
    const { transport } = this.#connection
    const stream = transport.socket?._socket
    if (this.#corked || stream === undefined) return
    this.#corked = true
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      // Until the kernel has accepted it; engine.io then sets it again.
      transport.writable = false
      stream.uncork()
    })
  }

  #attach(transport: Transport): void {
    transport.on("ready", () => {
      if (this.ready) this.#listeners.ready()
    })
    transport.on("headers", (_headers: unknown, request: { method?: string }) => {
      if (transport.res && request.method === "GET") this.#watch(transport.res)
    })
    if (this.#paused) transport.socket?.pause()
    // engine.io flushes after the upgrade event.
    if (transport.socket)
      setImmediate(() => {
        if (this.ready) this.#listeners.ready()
      })
  }

  /** Counts a polling response until the kernel has accepted it. */
  #watch(response: ServerResponse): void {
    if (this.#responses.has(response)) return
    this.#responses.add(response)
    let bytes = 0
    setImmediate(() => {
      if (!this.#responses.has(response)) return
      bytes = response.writableLength
      this.#responding += bytes
    })
    const done = () => {
      if (this.#responses.delete(response)) this.#responding -= bytes
    }
    response.once("finish", done)
    response.once("close", done)
  }

  #closed(reason: string, error: Error | undefined): void {
    const { socket } = this.#connection.transport
    this.#held = 0
    if (reason === "ping timeout") {
      socket?.terminate()
      for (const response of this.#responses) response.destroy()
    } else if (socket) {
      const timer = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS).unref()
      socket.once("close", () => clearTimeout(timer))
    }
    this.#resumeReaders()
    this.#listeners.closed(TOO_LARGE.test(String(error)))
  }

  #resumeReaders(): void {
    for (const resolve of this.#holding.splice(0)) resolve()
  }
}

const frames = new WeakMap<EncodedEvent, Frame>()

/** 2: an event of Socket.IO's default namespace. engine.io prefixes 4: a message. */
function packetOf({ name, json }: EncodedEvent): string {
  return `2["${name}",${json}]`
}

function frameOf(event: EncodedEvent): Frame {
  const known = frames.get(event)
  if (known !== undefined) return known
  const payload = Buffer.from(`4${packetOf(event)}`)
  const frame: Frame = [textFrameHeader(payload.length), payload]
  frames.set(event, frame)
  return frame
}

/** The header of an unfragmented, unmasked text frame (RFC 6455, section 5.2). */
function textFrameHeader(length: number): Buffer {
  const isShort = length < 126
  const isMedium = length < 65_536
  const header = Buffer.alloc(isShort ? 2 : isMedium ? 4 : 10)
  header[0] = 0x81
  header[1] = isShort ? length : isMedium ? 126 : 127
  if (!isShort && isMedium) header.writeUInt16BE(length, 2)
  else if (!isShort) header.writeBigUInt64BE(BigInt(length), 2)
  return header
}

function packetSize({ data, options }: Packet): number {
  const frame = options?.wsPreEncodedFrame
  if (frame) return frame.reduce((sum, part) => sum + part.length, 0)
  return data?.length ?? 0
}
