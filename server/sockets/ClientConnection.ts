import { wireError } from "@/lib/protocol/codes"
import type { CancelRequested } from "@/lib/protocol/events"
import { ConnectionAudit } from "@/server/audit/ConnectionAudit"
import type { Identity } from "@/server/auth/Access"
import { isDemoVisitor } from "@/server/auth/demoVisitor"
import { RateBucket } from "@/server/net/RateBucket"
import { isoTime } from "@/server/platform/Clock"
import { CommandHandler } from "./CommandHandler"
import { CommandQueue } from "./CommandQueue"
import type { Caller } from "./createHandlers"
import type { IoSocket } from "./createIo"
import { createSubscriber } from "./createSubscriber"
import { EngineConnection, type RawEngineSocket } from "./EngineConnection"
import { ReceivedMessages } from "./ReceivedMessages"
import type { SocketServerParts } from "./SocketServerParts"

/** A client that doesn't disconnect when asked to is disconnected after this long. */
const DISMISS_MS = 2_000
/** Commands per second of a visitor without a token. A page needs a dozen when it opens. */
const VISITOR_RATE = 30

/** One transport connection, and the one Socket.IO socket that it may carry. */
export class ClientConnection {
  readonly link: EngineConnection
  readonly #parts: SocketServerParts
  readonly #address: string
  readonly #received: ReceivedMessages
  #socket: IoSocket | undefined
  #visitor: Identity | undefined
  #caller: Caller | undefined
  #queue: CommandQueue | undefined
  #handler: CommandHandler | undefined
  #audit: ConnectionAudit

  /** `address`: the client's address, as far as the headers of proxies can be trusted. */
  constructor(connection: RawEngineSocket, address: string, parts: SocketServerParts, onClose: () => void) {
    this.#parts = parts
    this.#address = address
    this.#audit = new ConnectionAudit(parts.audit, { address })
    this.link = new EngineConnection(connection, {
      ready: () => this.#ready(),
      received: (text) => this.#received.text(text),
      binary: (bytes) => this.#received.bytes(bytes),
      closed: (isTooLarge) => {
        if (isTooLarge) this.reportTooLarge()
        onClose()
      },
    })
    this.#received = new ReceivedMessages({
      connection: this.link,
      maxMessageBytes: parts.limits.maxMessageBytes,
      onSecondConnect: () => parts.metrics.refused("second_connect"),
      onAbuse: (why) => this.cutOff(why),
      onTooLarge: () => {
        this.reportTooLarge()
        this.cutOff("a message over the limit")
      },
    })
  }

  get visitor(): Identity | undefined {
    return this.#visitor
  }

  /** Lets an admitted socket send commands. */
  accept(socket: IoSocket): void {
    const { visitor } = socket.data
    const { token_id: token, name } = visitor.principal
    const caller = this.#createCaller(socket)
    this.#audit = new ConnectionAudit(this.#parts.audit, {
      token,
      name,
      address: this.#address,
      connection: socket.id,
    })
    this.#audit.connected()
    const { handlers, ingest, metrics, clock, logger } = this.#parts
    const queue = this.#createQueue(visitor)
    const handler = new CommandHandler({
      caller,
      queue,
      handlers,
      ingest,
      metrics,
      audit: this.#audit,
      clock,
      logger,
      emitError: (error) => socket.emit("runs.error", error),
      onFlood: () => this.#endFlood(),
    })
    this.#socket = socket
    this.#visitor = visitor
    this.#caller = caller
    this.#queue = queue
    this.#handler = handler
    socket.onAny((event, ...args) => handler.receive(event, args, this.#received.take()))
    socket.on("disconnect", () => this.#leave(caller))
  }

  /** Disconnects it for good: a stock client doesn't reconnect after a DISCONNECT. */
  dismiss(): void {
    this.#audit.ended("dismissed", "session expired or token revoked")
    this.#socket?.disconnect(true)
    this.#terminateLater()
  }

  /** Disconnects it immediately and drops what waits in either direction. */
  cutOff(why: string): void {
    this.#parts.logger.warn({ why, queued: this.link.queuedBytes() }, "connection cut off")
    this.#parts.metrics.cutOff(why)
    this.#audit.ended("limit", why)
    void this.#queue?.close()
    this.link.terminate()
  }

  /** Executes no further commands; resolves when those in progress have been answered. */
  async drain(): Promise<void> {
    await this.#queue?.close()
  }

  /** Logs a message over the transport's limit, which closes the connection before it could be answered. */
  reportTooLarge(): void {
    const { logger, ingest, limits, clock } = this.#parts
    const agents = this.#handler?.agents() ?? []
    const token = this.#visitor?.principal.name
    logger.warn({ address: this.#address, token, agents, max: limits.maxMessageBytes }, "message too large")
    const { code, message } = wireError(
      "too_large",
      `A message was larger than ${limits.maxMessageBytes} bytes (TURNLINE_MAX_MESSAGE_BYTES), which closes the connection. Send smaller batches.`,
    )
    const [agent_id] = agents
    const note = { at: isoTime(clock.now()), event: "message", bytes: 0, ok: false, code, message }
    ingest.addLimited(`too_large ${this.#address}`, { ...note, ...(agent_id !== undefined && { agent_id }) })
  }

  #createCaller(socket: IoSocket): Caller {
    const { visitor, clientId } = socket.data
    return {
      principal: visitor.principal,
      owner: {
        id: socket.id,
        client_id: clientId,
        requestCancel: (request: CancelRequested) => {
          socket.emit("runs.cancel_requested", request)
        },
        disconnect: (reason) => this.#disconnect(reason),
      },
      subscriber: createSubscriber(socket, this.link, (reason) => this.cutOff(reason)),
    }
  }

  /** Closes the transport without a DISCONNECT, so that a stock client reconnects. */
  #disconnect(reason: string): void {
    this.#parts.logger.info({ reason }, "closed a connection so that its client reconnects")
    this.#audit.ended("dismissed", reason)
    void this.#queue?.close()
    this.link.close()
  }

  #createQueue({ principal }: Identity): CommandQueue {
    const { limits, clock } = this.#parts
    const ratePerSecond = isDemoVisitor(principal)
      ? Math.min(VISITOR_RATE, limits.ratePerSocket)
      : limits.ratePerSocket
    return new CommandQueue({
      queuedBytes: () => this.link.queuedBytes(),
      pause: () => this.link.pause(),
      resume: () => this.link.resume(),
      onThrottle: () => this.link.keepAlive(),
      maxWaitingBytes: limits.maxMessageBytes * 2,
      rate: new RateBucket(ratePerSecond, clock),
      ratePerSecond,
      clock,
    })
  }

  /** Far more was sent than the connection's rate allows: the client was sent an error and is disconnected. */
  #endFlood(): void {
    const why = "more commands waiting than allowed"
    this.#parts.logger.warn({ address: this.#address, why }, "connection cut off")
    this.#parts.metrics.cutOff(why)
    this.#audit.ended("limit", why)
    void this.#queue?.close()
    this.link.resume()
    this.link.close()
    this.#terminateLater()
  }

  #terminateLater(): void {
    this.#parts.clock.setTimeout(() => {
      if (!this.link.gone) this.link.terminate()
    }, DISMISS_MS)
  }

  /** What was received is still executed, so that an agent may send its last turns and disconnect. */
  #leave(caller: Caller): void {
    const { fanout, ingest, registry } = this.#parts
    fanout.remove(caller.subscriber)
    ingest.unwatch(caller.subscriber.id)
    registry.ownerClosed(caller.owner)
    this.link.close()
  }

  #ready(): void {
    if (this.#caller) this.#parts.fanout.resume(this.#caller.subscriber)
    this.#queue?.pump()
  }
}
