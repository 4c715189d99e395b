import type { CancelRequested } from "@/lib/protocol/events"
import { ConnectionAudit } from "@/server/audit/ConnectionAudit"
import type { Identity } from "@/server/auth/Access"
import { isDemoVisitor } from "@/server/auth/demoVisitor"
import type { Subscriber } from "@/server/fanout/Subscriber"
import { CommandHandler } from "./CommandHandler"
import { CommandQueue } from "./CommandQueue"
import type { Caller } from "./createHandlers"
import type { IoSocket } from "./createIo"
import { EngineConnection, type RawEngineSocket } from "./EngineConnection"
import type { SocketServerParts } from "./SocketServerParts"

/** A peer that doesn't go when asked to is cut off after this long. */
const DISMISS_MS = 2_000
/** Packets that no client of this protocol sends: answers to questions never asked, other namespaces. */
const MAX_STRAYS = 16
const SECOND_CONNECT = { message: "One socket per connection.", data: { code: "forbidden" } }
/** Commands a second of a visitor without a token; a page that opens needs a dozen. */
const VISITOR_RATE = 30

/** One transport connection, and the one Socket.IO socket that it may carry. */
export class ClientConnection {
  readonly link: EngineConnection
  readonly queue: CommandQueue
  readonly #parts: SocketServerParts
  readonly #address: string
  /** Sizes of the events that Socket.IO has decoded and not yet handed over, oldest first. */
  #sizes: number[] = []
  #strays = 0
  #hasAsked = false
  #socket: IoSocket | undefined
  #visitor: Identity | undefined
  #caller: Caller | undefined
  #audit: ConnectionAudit

  /** `address`: where it comes from, as far as that can be believed. */
  constructor(connection: RawEngineSocket, address: string, parts: SocketServerParts, closed: () => void) {
    this.#parts = parts
    this.#address = address
    this.#audit = new ConnectionAudit(parts.audit, { address })
    this.link = new EngineConnection(connection, {
      ready: () => this.#ready(),
      received: (text) => this.#received(text),
      binary: () => this.#stray(MAX_STRAYS),
      closed,
    })
    this.queue = new CommandQueue({
      queuedBytes: () => this.link.queuedBytes(),
      pause: () => this.link.pause(),
      resume: () => this.link.resume(),
      overflow: () => this.cutOff("more commands waiting than may"),
      maxWaitingBytes: parts.limits.maxMessageBytes * 2,
    })
  }

  get visitor(): Identity | undefined {
    return this.#visitor
  }

  /** Makes a socket that was let in able to do what its token allows. */
  accept(socket: IoSocket): void {
    const { visitor, clientId } = socket.data
    const caller: Caller = {
      principal: visitor.principal,
      owner: {
        id: socket.id,
        client_id: clientId,
        requestCancel: (request: CancelRequested) => {
          socket.emit("runs.cancel_requested", request)
        },
        disconnect: (reason) => this.disconnect(reason),
      },
      subscriber: createSubscriber(socket, this.link),
    }
    const { token_id: token, name } = visitor.principal
    this.#audit = new ConnectionAudit(this.#parts.audit, {
      token,
      name,
      address: this.#address,
      connection: socket.id,
    })
    this.#audit.connected()
    const { handlers, ingest, metrics, clock, logger, limits } = this.#parts
    const door = new CommandHandler({
      caller,
      queue: this.queue,
      handlers,
      ingest,
      metrics,
      audit: this.#audit,
      clock,
      logger,
      ratePerSocket: isDemoVisitor(visitor.principal)
        ? Math.min(VISITOR_RATE, limits.ratePerSocket)
        : limits.ratePerSocket,
      emitError: (error) => socket.emit("runs.error", error),
      cutOff: (why) => this.cutOff(why),
    })
    this.#socket = socket
    this.#visitor = visitor
    this.#caller = caller
    socket.onAny((event, ...args) => door.receive(event, args, this.#sizes.shift() ?? 0))
    socket.on("disconnect", () => this.#left(caller))
  }

  /** Ends it for good: a stock client that is told so doesn't come back by itself. */
  dismiss(): void {
    this.#audit.ended("dismissed", "its token or session is over")
    this.#socket?.disconnect(true)
    this.#parts.clock.setTimeout(() => {
      if (this.link.gone) return
      this.link.terminate()
    }, DISMISS_MS)
  }

  /** Closes the transport without a DISCONNECT, so that a stock client reconnects. */
  disconnect(reason: string): void {
    this.#parts.logger.info({ reason }, "connection closed for its client to reconnect")
    this.#audit.ended("dismissed", reason)
    void this.queue.close()
    this.link.close()
  }

  /** Ends it at once, dropping what waits on either side. */
  cutOff(why: string): void {
    this.#parts.logger.warn({ why, queued: this.link.queuedBytes() }, "connection cut off")
    this.#parts.metrics.cutOff(why)
    this.#audit.ended("limit", why)
    void this.queue.close()
    this.link.terminate()
  }

  /** What was received is still carried out, so that an agent may send its last turns and go. */
  #left(caller: Caller): void {
    const { fanout, ingest, registry } = this.#parts
    fanout.gone(caller.subscriber)
    ingest.unwatch(caller.subscriber.id)
    registry.ownerClosed(caller.owner)
    this.link.close()
  }

  #ready(): void {
    if (this.#caller) this.#parts.fanout.ready(this.#caller.subscriber)
    this.queue.pump()
  }

  #received(text: string): void {
    // 2: an event. 0: a CONNECT. 1: a DISCONNECT. Anything else has no place here.
    const type = text.charCodeAt(0) - 48
    if (type === 2) this.#sizes.push(Buffer.byteLength(text))
    else if (type > 2) this.#stray(type > 4 ? MAX_STRAYS : 1)
    else if (text.charCodeAt(1) === 47) this.#stray(1)
    else if (type === 0) this.#connecting()
  }

  /** A connection asks for its one socket once; what it sends after asking again is not looked at. */
  #connecting(): void {
    if (!this.#hasAsked) {
      this.#hasAsked = true
      return
    }
    this.#parts.metrics.refused("second_connect")
    this.link.refuse(SECOND_CONNECT)
  }

  #stray(weight: number): void {
    this.#strays += weight
    if (this.#strays >= MAX_STRAYS) this.cutOff("packets that are no part of the protocol")
  }
}

function createSubscriber(socket: IoSocket, link: EngineConnection): Subscriber {
  const emitter: { emit(event: string, ...args: unknown[]): boolean } = socket
  return {
    id: socket.id,
    get connected() {
      return socket.connected && link.open
    },
    queuedBytes: () => link.queuedBytes(),
    get ready() {
      return link.ready
    },
    emit: (event, ...args) => {
      emitter.emit(event, ...args)
    },
    emitText: (event, payloadJson) => {
      if (socket.connected) link.sendEvent(event, payloadJson)
    },
    join: (room) => {
      void socket.join(room)
    },
    leave: (room) => {
      void socket.leave(room)
    },
  }
}
