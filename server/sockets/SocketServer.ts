import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import type { Server as Engine } from "engine.io"
import type { Subscriber } from "@/server/fanout/Subscriber"
import { clientAddress } from "@/server/net/clientAddress"
import { sendTooManyRequests } from "@/server/net/respond"
import { ClientConnection } from "./ClientConnection"
import { createAdmission } from "./createAdmission"
import { type RawEngineSocket, refuseConnection } from "./EngineConnection"
import type { SocketServerParts } from "./SocketServerParts"

const WATCH_MS = 1_000
/** When an address that has all its connections may try again. */
const FULL_WAIT_MS = 5_000
/** What all connections together may have waiting to go out. */
const MAX_QUEUED_BYTES = 256 * 1024 * 1024

/** All Socket.IO connections: lets them in, keeps what they cost within bounds, ends them. */
export class SocketServer {
  readonly #parts: SocketServerParts
  /** By engine.io's connection, and by its session id, which polling requests name. */
  readonly #peers = new Map<unknown, ClientConnection>()
  readonly #bySession = new Map<string, ClientConnection>()
  #timer: unknown

  constructor(parts: SocketServerParts) {
    this.#parts = parts
    const { engine, io } = parts
    engine.on("connection", (connection: RawEngineSocket) => {
      const address = this.#addressOf(connection.request)
      const giveBack = parts.quotas.acquireForAddress(address)
      // Of several that were let in at once, the last may find no place left.
      if (giveBack === undefined) return refuseConnection(connection)
      const peer = new ClientConnection(connection, address, parts, () => {
        giveBack()
        this.#peers.delete(connection)
        this.#bySession.delete(connection.id)
      })
      this.#peers.set(connection, peer)
      this.#bySession.set(connection.id, peer)
    })
    createAdmission(parts)
    io.on("connection", (socket) => this.#peers.get(socket.conn)?.accept(socket))
    this.#watch()
  }

  /** Takes a polling request that has passed the front door; one that brings commands waits while earlier ones do. */
  async handleRequest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sid = sessionOf(request)
    if (sid === undefined && !this.#hasRoom(request)) return sendTooManyRequests(response, FULL_WAIT_MS)
    if (request.method === "POST" && sid !== undefined) await this.#bySession.get(sid)?.link.reading()
    if (request.destroyed) return
    // engine.io types its requests with fields that it adds itself.
    this.#parts.engine.handleRequest(request as Parameters<Engine["handleRequest"]>[0], response)
  }

  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (sessionOf(request) === undefined && !this.#hasRoom(request)) {
      socket.end("HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\n\r\n")
      return
    }
    this.#parts.engine.handleUpgrade(request as Parameters<Engine["handleUpgrade"]>[0], socket, head)
  }

  /** Ends the connections of tokens and sessions that are over. */
  dismissEnded(): void {
    for (const peer of this.#peers.values()) {
      const { visitor } = peer
      if (visitor === undefined || this.#parts.access.isStillValid(visitor)) continue
      this.#parts.logger.info({ token: visitor.principal.token_id }, "its token or session is over")
      peer.dismiss()
    }
  }

  /** Ends the connections of a session that signed out. */
  dismissSession(session: string): void {
    for (const peer of this.#peers.values()) if (peer.visitor?.session?.sha256 === session) peer.dismiss()
  }

  /** Cuts a subscriber off that has stopped reading. */
  cutOff(subscriber: Subscriber): void {
    const socket = this.#parts.io.sockets.sockets.get(subscriber.id)
    if (socket) this.#peers.get(socket.conn)?.cutOff("does not read")
  }

  figures(): { connections: number; queuedBytes: number } {
    let queuedBytes = 0
    for (const peer of this.#peers.values()) queuedBytes += peer.link.queuedBytes()
    return { connections: this.#peers.size, queuedBytes }
  }

  /** Takes no more commands; resolves when those under way have been answered. */
  async drain(): Promise<void> {
    this.#parts.clock.clearTimeout(this.#timer)
    await Promise.all([...this.#peers.values()].map((peer) => peer.queue.close()))
  }

  /** Closes every transport without a Socket.IO DISCONNECT, so that stock clients come back to the next server. */
  closeTransports(): void {
    for (const peer of this.#peers.values()) peer.link.close()
  }

  /** Ends what is still there. */
  terminate(): void {
    for (const peer of this.#peers.values()) peer.link.terminate()
    this.#parts.engine.close()
  }

  #addressOf({ headers, socket }: IncomingMessage): string {
    return clientAddress(headers, socket.remoteAddress, this.#parts.proxyHops)
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

  /** Over the bound for all, those that read least go first. */
  #boundMemory(): void {
    const bound = this.#parts.maxQueuedBytes ?? MAX_QUEUED_BYTES
    let { queuedBytes } = this.figures()
    if (queuedBytes <= bound) return
    const worstFirst = [...this.#peers.values()]
      .map((peer) => ({ peer, bytes: peer.link.queuedBytes() }))
      .sort((a, b) => b.bytes - a.bytes)
    for (const { peer, bytes } of worstFirst) {
      if (queuedBytes <= bound) return
      peer.cutOff("memory for outgoing messages is used up")
      queuedBytes -= bytes
    }
  }
}

/** engine.io's session that a request belongs to; undefined for one that begins a connection. */
function sessionOf(request: IncomingMessage): string | undefined {
  return /[?&]sid=([\w-]+)/.exec(request.url ?? "")?.[1]
}
