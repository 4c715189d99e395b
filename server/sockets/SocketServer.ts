import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { Server as Engine } from "engine.io"
import { clientAddress } from "@/server/net/clientAddress"
import { sendTooManyRequests } from "@/server/net/respond"
import { isoTime } from "@/server/platform/Clock"
import { ClientConnection } from "./ClientConnection"
import { createAdmission } from "./createAdmission"
import { type RawEngineSocket, refuseConnection } from "./EngineConnection"
import type { SocketServerParts } from "./SocketServerParts"
import { describePolling, describeUnsupported, refuseRequest, refuseUpgrade } from "./unsupportedClient"

const WATCH_MS = 1_000
/** How long a client should wait before it retries if its address has the maximum number of connections. */
const FULL_WAIT_MS = 5_000
/** The maximum number of outgoing bytes that are queued for all connections together. */
const MAX_QUEUED_BYTES = 256 * 1024 * 1024

/** All Socket.IO connections: admits them, limits their memory, closes them. */
export class SocketServer {
  readonly #parts: SocketServerParts
  /** The connections by engine.io's socket and by its session id, which polling requests contain. */
  readonly #connections = new Map<unknown, ClientConnection>()
  readonly #bySession = new Map<string, ClientConnection>()
  #timer: unknown

  constructor(parts: SocketServerParts) {
    this.#parts = parts
    const { engine, io } = parts
    engine.on("connection", (socket: RawEngineSocket) => {
      const address = this.#addressOf(socket.request)
      const release = parts.quotas.acquireForAddress(address)
      // If several connections were admitted concurrently, the last one may be over the limit.
      if (release === undefined) return refuseConnection(socket)
      const connection = new ClientConnection(socket, address, parts, () => {
        release()
        this.#connections.delete(socket)
        this.#bySession.delete(socket.id)
      })
      this.#connections.set(socket, connection)
      this.#bySession.set(socket.id, connection)
    })
    createAdmission(parts)
    io.on("connection", (socket) => this.#connections.get(socket.conn)?.accept(socket))
    this.#watch()
  }

  /**
   * Handles a polling request that has passed the host check. A request with commands waits while reading is paused.
   */
  async handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const unsupported = this.#unsupported(request)
    if (unsupported !== undefined) return refuseRequest(request, response, unsupported)
    const sid = sessionOf(request)
    if (sid === undefined && !this.#hasRoom(request)) return sendTooManyRequests(response, FULL_WAIT_MS)
    const connection = request.method === "POST" && sid !== undefined ? this.#bySession.get(sid) : undefined
    if (Number(request.headers["content-length"]) > this.#parts.limits.maxMessageBytes)
      connection?.reportTooLarge()
    await connection?.engineConnection.untilReading()
    if (request.destroyed) return
    // engine.io's type for requests includes fields that engine.io itself adds later.
    this.#parts.engine.handleRequest(request as Parameters<Engine["handleRequest"]>[0], response)
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const unsupported = this.#unsupported(request)
    if (unsupported !== undefined) {
      refuseUpgrade(socket, unsupported)
      return
    }
    if (sessionOf(request) === undefined && !this.#hasRoom(request)) {
      socket.end("HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\n\r\n")
      return
    }
    this.#parts.engine.handleUpgrade(request as Parameters<Engine["handleUpgrade"]>[0], socket, head)
  }

  /** Disconnects clients whose token or session is no longer valid. */
  dismissEnded(): void {
    for (const connection of this.#connections.values()) {
      const { identity } = connection
      if (identity === undefined || this.#parts.access.isStillValid(identity)) continue
      this.#parts.logger.info({ token: identity.principal.token_id }, "session expired or token revoked")
      connection.dismiss()
    }
  }

  /** Disconnects clients of a session that was signed out. */
  dismissSession(session: string): void {
    for (const connection of this.#connections.values())
      if (connection.identity?.session?.sha256 === session) connection.dismiss()
  }

  figures(): { connections: number; queuedBytes: number } {
    let queuedBytes = 0
    for (const connection of this.#connections.values())
      queuedBytes += connection.engineConnection.queuedBytes()
    return { connections: this.#connections.size, queuedBytes }
  }

  /** Stops executing commands. Resolves when those in progress have been replied to. */
  async drain(): Promise<void> {
    this.#parts.clock.clearTimeout(this.#timer)
    await Promise.all([...this.#connections.values()].map((connection) => connection.drain()))
  }

  /**
   * Closes every transport without a Socket.IO DISCONNECT, so that unmodified Socket.IO clients reconnect to the next
   * server.
   */
  closeTransports(): void {
    for (const connection of this.#connections.values()) connection.engineConnection.close()
  }

  /** Terminates the remaining connections. */
  terminate(): void {
    for (const connection of this.#connections.values()) connection.engineConnection.terminate()
    this.#parts.engine.close()
  }

  #addressOf({ headers, socket }: IncomingMessage): string {
    return clientAddress(headers, socket.remoteAddress, this.#parts.proxyHops)
  }

  /**
   * Returns the error message for an unsupported client and adds a note to the ingest log; undefined for a supported
   * client.
   */
  #unsupported(request: IncomingMessage): string | undefined {
    const message = describeUnsupported(request) ?? describePolling(request, this.#parts.transports)
    if (message === undefined) return undefined
    const { ingest, metrics, clock } = this.#parts
    metrics.refused("protocol")
    const note = { at: isoTime(clock.now()), event: "connect", bytes: 0, ok: false, code: "invalid_params" }
    ingest.addLimited(`protocol ${this.#addressOf(request)}`, { ...note, message })
    return message
  }

  #hasRoom(request: IncomingMessage): boolean {
    const address = this.#addressOf(request)
    if (this.#parts.quotas.hasRoom(address)) return true
    this.#parts.metrics.refused("address")
    this.#parts.audit.record({ event: "limit", address, why: "connections of the address" })
    return false
  }

  #watch(): void {
    this.#timer = this.#parts.clock.setTimeout(() => {
      this.#boundMemory()
      this.#watch()
    }, WATCH_MS)
  }

  /** If the queues of all connections exceed the limit, cuts off those with the largest queues. */
  #boundMemory(): void {
    const bound = this.#parts.maxQueuedBytes ?? MAX_QUEUED_BYTES
    let { queuedBytes } = this.figures()
    if (queuedBytes <= bound) return
    const worstFirst = [...this.#connections.values()]
      .map((connection) => ({ connection, bytes: connection.engineConnection.queuedBytes() }))
      .sort((a, b) => b.bytes - a.bytes)
    for (const { connection, bytes } of worstFirst) {
      if (queuedBytes <= bound) return
      connection.cutOff("memory for outgoing messages is used up")
      queuedBytes -= bytes
    }
  }
}

/** Returns the engine.io session of a request; undefined if the request opens a connection. */
function sessionOf(request: IncomingMessage): string | undefined {
  return /[?&]sid=([\w-]+)/.exec(request.url ?? "")?.[1]
}
