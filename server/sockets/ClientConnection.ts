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

/** A client that doesn't close the connection after a DISCONNECT is cut off after this time. */
const DISMISS_MS = 2_000
/** The maximum number of commands per second of a client without a token. A page needs a dozen when it opens. */
const VISITOR_RATE = 30

const NO_ENGINE_IO =
  "The client sent a message that isn't part of the Engine.IO protocol, version 4, so the connection was closed."

/** A transport connection and its only Socket.IO socket. */
export class ClientConnection {
  readonly engineConnection: EngineConnection
  readonly #parts: SocketServerParts
  readonly #address: string
  readonly #received: ReceivedMessages
  #socket: IoSocket | undefined
  #identity: Identity | undefined
  #caller: Caller | undefined
  #queue: CommandQueue | undefined
  #handler: CommandHandler | undefined
  #audit: ConnectionAudit

  constructor(connection: RawEngineSocket, address: string, parts: SocketServerParts, onClose: () => void) {
    this.#parts = parts
    this.#address = address
    this.#audit = new ConnectionAudit(parts.audit, { address })
    this.engineConnection = new EngineConnection(connection, {
      onReady: () => this.#onReady(),
      onText: (text, bytes) => this.#received.onText(text, bytes),
      onBinary: (bytes) => this.#received.onBinary(bytes),
      onClose: (cause) => {
        if (cause === "too large") this.reportTooLarge()
        else if (cause === "violation") this.#note("protocol", "invalid_params", NO_ENGINE_IO)
        onClose()
      },
    })
    this.#received = new ReceivedMessages({
      connection: this.engineConnection,
      maxMessageBytes: parts.limits.maxMessageBytes,
      onSecondConnect: () => parts.metrics.refused("second_connect"),
      onAbuse: (why) => this.#endAbuse(why),
      onTooLarge: () => {
        this.reportTooLarge()
        this.cutOff("a message over the limit")
      },
    })
  }

  get identity(): Identity | undefined {
    return this.#identity
  }

  /** Starts accepting commands from an admitted socket. */
  accept(socket: IoSocket): void {
    const { identity } = socket.data
    const { token_id: token, name } = identity.principal
    const caller = this.#createCaller(socket)
    this.#audit = new ConnectionAudit(this.#parts.audit, {
      token,
      name,
      address: this.#address,
      connection: socket.id,
    })
    this.#audit.connected()
    const { handlers, ingest, metrics, clock, logger } = this.#parts
    const queue = this.#createQueue(identity)
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
    this.#identity = identity
    this.#caller = caller
    this.#queue = queue
    this.#handler = handler
    socket.onAny((event, ...args) => handler.receive(event, args, this.#received.take()))
    socket.on("disconnect", () => this.#leave(caller))
  }

  /** Disconnects permanently: an unmodified Socket.IO client doesn't reconnect after a DISCONNECT. */
  dismiss(): void {
    this.#audit.ended("dismissed", "session expired or token revoked")
    this.#socket?.disconnect(true)
    this.#terminateLater()
  }

  /** Disconnects immediately and drops everything queued in both directions. */
  cutOff(why: string): void {
    this.#parts.logger.warn({ why, queued: this.engineConnection.queuedBytes() }, "connection cut off")
    this.#parts.metrics.cutOff(why)
    this.#audit.ended("limit", why)
    void this.#queue?.close()
    this.engineConnection.terminate()
  }

  /** Stops executing commands. Resolves when those in progress have been replied to. */
  async drain(): Promise<void> {
    await this.#queue?.close()
  }

  /** Logs a message over the transport's limit. Such a message closes the connection, so it can't get a reply. */
  reportTooLarge(): void {
    const { logger, limits } = this.#parts
    const agents = this.#handler?.agents() ?? []
    const token = this.#identity?.principal.name
    logger.warn({ address: this.#address, token, agents, max: limits.maxMessageBytes }, "message too large")
    this.#note(
      "too_large",
      "too_large",
      `A message was larger than ${limits.maxMessageBytes} bytes (TURNLINE_MAX_MESSAGE_BYTES), so the connection was closed. Send smaller batches.`,
    )
  }

  /** Adds a note that says why the connection is closed, at most once a minute for each kind and address. */
  #note(kind: string, code: "too_large" | "invalid_params", message: string): void {
    const { ingest, clock } = this.#parts
    const [agent_id] = this.#handler?.agents() ?? []
    const note = { at: isoTime(clock.now()), event: "message", bytes: 0, ok: false, code, message }
    ingest.addLimited(`${kind} ${this.#address}`, { ...note, ...(agent_id !== undefined && { agent_id }) })
  }

  #createCaller(socket: IoSocket): Caller {
    const { identity, clientId } = socket.data
    return {
      principal: identity.principal,
      owner: {
        id: socket.id,
        client_id: clientId,
        requestCancel: (request: CancelRequested) => {
          socket.emit("runs.cancel_requested", request)
        },
        disconnect: (reason) => this.#disconnect(reason),
      },
      subscriber: createSubscriber(socket, this.engineConnection, (reason) => this.cutOff(reason)),
    }
  }

  /** Closes the transport without a DISCONNECT, so that an unmodified Socket.IO client reconnects. */
  #disconnect(reason: string): void {
    this.#parts.logger.info({ reason }, "closed a connection so that its client reconnects")
    this.#audit.ended("dismissed", reason)
    void this.#queue?.close()
    this.engineConnection.close()
  }

  #createQueue({ principal }: Identity): CommandQueue {
    const { limits, clock } = this.#parts
    const ratePerSecond = isDemoVisitor(principal)
      ? Math.min(VISITOR_RATE, limits.ratePerSocket)
      : limits.ratePerSocket
    return new CommandQueue({
      queuedBytes: () => this.engineConnection.queuedBytes(),
      pause: () => this.engineConnection.pause(),
      resume: () => this.engineConnection.resume(),
      onThrottle: () => this.engineConnection.keepAlive(),
      maxWaitingBytes: limits.maxMessageBytes * 2,
      rate: new RateBucket(ratePerSecond, clock),
      ratePerSecond,
      clock,
    })
  }

  /** Disconnects a client that violates the protocol, with an error that says why. */
  #endAbuse(why: string): void {
    const message = `The client sent ${why}, so the connection was closed.`
    this.#note("protocol", "invalid_params", message)
    const error = wireError("invalid_params", message)
    if (this.#socket) this.#socket.emit("runs.error", { event: "message", error })
    else this.engineConnection.refuse({ message, data: { code: error.code } })
    this.#end(why)
  }

  /** Disconnects a client that sends far more than its rate allows. Its last command has been refused with an error. */
  #endFlood(): void {
    this.#end("more commands waiting than allowed")
  }

  /** Disconnects after everything queued for the client was sent. */
  #end(why: string): void {
    this.#parts.logger.warn({ address: this.#address, why }, "connection cut off")
    this.#parts.metrics.cutOff(why)
    this.#audit.ended("limit", why)
    void this.#queue?.close()
    this.engineConnection.resume()
    this.engineConnection.close()
    this.#terminateLater()
  }

  #terminateLater(): void {
    this.#parts.clock.setTimeout(() => {
      if (!this.engineConnection.isClosed) this.engineConnection.terminate()
    }, DISMISS_MS)
  }

  /** Called when the socket has disconnected. Queued commands still run, so that an agent's last turns are stored. */
  #leave(caller: Caller): void {
    const { fanout, ingest, registry } = this.#parts
    fanout.remove(caller.subscriber)
    ingest.unwatch(caller.subscriber.id)
    registry.ownerClosed(caller.owner)
    this.engineConnection.close()
  }

  #onReady(): void {
    if (this.#caller) this.#parts.fanout.resume(this.#caller.subscriber)
    this.#queue?.pump()
  }
}
