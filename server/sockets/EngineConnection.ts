import type { EventEmitter } from "node:events"
import type { IncomingMessage, ServerResponse } from "node:http"
import { Server } from "engine.io"

/** The one module that knows engine.io from within. `checkEngine` fails loudly when a release changed what it leans on. */

const PING_INTERVAL_MS = 15_000
const PING_TIMEOUT_MS = 20_000
/** A peer that doesn't answer a close frame keeps its file descriptor no longer than this. */
const CLOSE_WAIT_MS = 2_000

type Packet = { data?: string | Buffer; options?: { wsPreEncodedFrame?: Buffer[] } }

/** What is used of `ws`; `_socket`: what it writes to. */
type WebSocketLike = EventEmitter & {
  readonly bufferedAmount: number
  readonly _socket?: { cork(): void; uncork(): void }
  terminate(): void
  pause(): void
  resume(): void
}

/** A transport from within: `socket` is there with websocket, `res` while a poll waits. */
export type Transport = EventEmitter & {
  name: string
  writable: boolean
  socket?: WebSocketLike
  res?: ServerResponse | null
}

/** An engine.io connection from within. */
export type RawEngineSocket = EventEmitter & {
  /** engine.io's session id: a secret between it and the client. */
  id: string
  readyState: "opening" | "open" | "closing" | "closed"
  writeBuffer: Packet[]
  transport: Transport
  /** The first request, whose headers say who is asking. */
  request: IncomingMessage
  write(data: string): unknown
  close(discard?: boolean): void
}

/** Makes the engine; HTTP requests and upgrades are handed to it by whoever has checked them. */
export function createEngine(options: {
  maxMessageBytes: number
  pingIntervalMs?: number
  pingTimeoutMs?: number
}): Server {
  return new Server({
    pingInterval: options.pingIntervalMs ?? PING_INTERVAL_MS,
    pingTimeout: options.pingTimeoutMs ?? PING_TIMEOUT_MS,
    maxHttpBufferSize: options.maxMessageBytes,
    transports: ["polling", "websocket"],
    perMessageDeflate: false,
    httpCompression: false,
    allowEIO3: false,
  })
}

/** Ends a connection at once that nothing was made of. */
export function refuseConnection(connection: RawEngineSocket): void {
  const { socket } = connection.transport
  if (socket) socket.terminate()
  else connection.close(true)
}

type LinkListeners = {
  /** The transport takes packets again, all earlier ones being with the kernel. */
  ready: () => void
  /** A text message came in; its size in bytes. */
  received: (text: string) => void
  /** A binary message came in: none is part of the protocol. */
  binary: () => void
  closed: () => void
}

/** One transport connection: what waits to go out, when it takes more, and ways to slow or end it. */
export class EngineConnection {
  readonly #connection: RawEngineSocket
  readonly #listeners: LinkListeners
  /** Characters of packets that engine.io holds, and bytes of polling responses that the kernel hasn't taken. */
  #held = 0
  #responding = 0
  #paused = false
  #corked = false
  #holding: (() => void)[] = []
  readonly #responses = new Set<ServerResponse>()

  constructor(connection: RawEngineSocket, listeners: LinkListeners) {
    this.#connection = connection
    this.#listeners = listeners
    connection.on("packetCreate", (packet: Packet) => {
      this.#held += packetSize(packet)
    })
    connection.on("flush", (packets: Packet[]) => {
      this.#held = 0
      // A room's frame goes out as it is: one for each of its members, there is nothing to gather.
      if (!packets.every(({ options }) => options?.wsPreEncodedFrame)) this.#cork()
    })
    connection.on("drain", () => {
      // While corked, what follows in this tick need not wait for what was handed over.
      if (this.#corked) connection.transport.writable = true
    })
    connection.on("data", (data: unknown) =>
      typeof data === "string" ? listeners.received(data) : listeners.binary(),
    )
    connection.on("upgrade", (transport: Transport) => this.#attach(transport))
    connection.on("close", (reason: string) => this.#closed(reason))
    this.#attach(connection.transport)
  }

  /** Whether it can still be written to. */
  get open(): boolean {
    return this.#connection.readyState === "open"
  }

  /** Whether it has ended, for whatever reason. */
  get gone(): boolean {
    return this.#connection.readyState === "closed"
  }

  /** Bytes that wait in this process: engine.io's packets (in characters), and what the socket holds. */
  queuedBytes(): number {
    if (this.#connection.readyState === "closed") return 0
    return this.#held + this.#responding + (this.#connection.transport.socket?.bufferedAmount ?? 0)
  }

  /** Whether the transport takes a packet now: nothing is queued, and it is writable. */
  get ready(): boolean {
    const { transport, writeBuffer, readyState } = this.#connection
    return readyState === "open" && !this.#corked && transport.writable && writeBuffer.length === 0
  }

  /** Sends an event whose one argument is JSON text already. */
  sendEvent(event: string, json: string): void {
    // 2: a Socket.IO event of the default namespace; engine.io puts its own type before it.
    if (this.open) this.#connection.write(`2["${event}",${json}]`)
  }

  /** Reads nothing more until `resume`; polling's requests are held by whoever asks `reading`. */
  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#connection.transport.socket?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#connection.transport.socket?.resume()
    this.#letIn()
  }

  /** Resolves when more may be read, or the connection is gone. */
  async reading(): Promise<void> {
    while (this.#paused && !this.gone) await new Promise<void>((resolve) => this.#holding.push(resolve))
  }

  /** Closes after what is queued has gone out, without a word of Socket.IO: stock clients come back. */
  close(): void {
    this.#connection.close()
  }

  /** Answers with a Socket.IO CONNECT_ERROR and closes; nothing that came behind is taken any more. */
  refuse(error: { message: string; data: { code: string } }): void {
    if (this.open) this.#connection.write(`4${JSON.stringify(error)}`)
    this.close()
  }

  /** Ends it at once, dropping what is queued; frees its memory and file descriptor. */
  terminate(): void {
    const { socket } = this.#connection.transport
    if (socket) socket.terminate()
    else this.#connection.close(true)
    for (const response of this.#responses) response.destroy()
  }

  /** All that one tick sends goes to the kernel in one write: each costs as much as making ten acknowledgements. */
  #cork(): void {
    const { transport } = this.#connection
    const stream = transport.socket?._socket
    if (this.#corked || stream === undefined) return
    this.#corked = true
    stream.cork()
    process.nextTick(() => {
      this.#corked = false
      // Until the kernel has taken it: then engine.io says so.
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
    // engine.io flushes after it has told of the upgrade.
    if (transport.socket)
      setImmediate(() => {
        if (this.ready) this.#listeners.ready()
      })
  }

  /** Counts a polling response until the kernel has taken it. */
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

  #closed(reason: string): void {
    const { socket } = this.#connection.transport
    this.#held = 0
    if (reason === "ping timeout") {
      socket?.terminate()
      for (const response of this.#responses) response.destroy()
    } else if (socket) {
      const timer = setTimeout(() => socket.terminate(), CLOSE_WAIT_MS).unref()
      socket.once("close", () => clearTimeout(timer))
    }
    this.#letIn()
    this.#listeners.closed()
  }

  #letIn(): void {
    for (const resolve of this.#holding.splice(0)) resolve()
  }
}

function packetSize({ data, options }: Packet): number {
  const frame = options?.wsPreEncodedFrame
  if (frame) return frame.reduce((sum, part) => sum + part.length, 0)
  return data?.length ?? 0
}
