import { io, type Socket } from "socket.io-client"
import { AgentError } from "@/lib/agent/AgentError"
import type { CancelRequest } from "@/lib/agent/AgentTurn"
import { messageOf } from "@/lib/agent/turn/messageOf"
import type { CommandInput, CommandName, Refusal, Reply } from "@/lib/protocol/catalog"
import { failOnEarlyClose } from "@/lib/protocol/failOnEarlyClose"
import { PROTOCOL_VERSION } from "@/lib/protocol/version"
import { Backoff } from "./Backoff"
import { isNode } from "./isNode"
import { type Route, routeOf } from "./nodePlatform"
import type { ServerAddress } from "./serverAddress"
import { setBackgroundTimeout } from "./timers"

/** Delay before reconnecting if a server refuses the connection without saying when to retry, ms. */
const REFUSED_RETRY_MS = 1_000
const MAX_RECONNECT_DELAY_MS = 5_000
const CONNECT_TIMEOUT_MS = 10_000

export type Transport = "websocket" | "polling"

export type ConnectionOptions = {
  address: ServerAddress
  token?: string
  clientId?: string
  /** An `http.Agent` for Node's HTTP client, for example for a proxy or a custom certificate authority. */
  agent?: object | undefined
  /** How long to wait for a reply before sending the command again, ms. */
  ackTimeoutMs: number
  /** The first delay before reconnecting, ms. */
  reconnectDelayMs: number
  onOnline: () => void
  onCancel: (request: CancelRequest & { run_id: string }) => void
  /** `final`: no further attempt is made. */
  onError: (error: AgentError, final: boolean) => void
}

/** No reply arrived. The server may or may not have executed the command. */
export type NoReply = { ok: false; lost: "disconnected" | "timeout" }
export type Answer<N extends CommandName> = Reply<N> | NoReply

type UntypedEmit = (event: string, payload: unknown, answer: (error: unknown, reply: unknown) => void) => void

/** An agent's connection. Reconnects until it is closed or the server refuses it permanently. */
export class AgentConnection {
  /** The number of the current connection; 0 before the first. A run belongs to one connection at a time. */
  epoch = 0
  /** Transports in the order in which they are tried. The transport that worked last comes first. */
  transports: readonly Transport[] = ["websocket", "polling"]
  private readonly socket: Socket
  private readonly backoff = new Backoff()
  private outageReported = false
  private closed = false

  constructor(private readonly options: ConnectionOptions) {
    const { address, token, clientId, agent, reconnectDelayMs } = options
    const auth = {
      protocol: PROTOCOL_VERSION,
      ...(token !== undefined && { token }),
      ...(clientId !== undefined && { client_id: clientId }),
    }
    this.socket = io(address.origin, {
      path: `${address.basePath}/socket.io/`,
      auth,
      // One transport connection per agent: agents of one process may have different tokens.
      forceNew: true,
      transports: [...this.transports],
      tryAllTransports: true,
      reconnectionDelay: reconnectDelayMs,
      randomizationFactor: 0.5,
      reconnectionDelayMax: MAX_RECONNECT_DELAY_MS,
      timeout: CONNECT_TIMEOUT_MS,
      autoUnref: isNode(),
      // engine.io-client declares this option as a string, but passes the value to Node's HTTP client.
      ...(agent !== undefined && { agent: agent as unknown as string }),
    })
    failOnEarlyClose(this.socket.io)
    this.socket.on("connect", () => this.onConnect())
    this.socket.on("connect_error", (error) => this.onConnectError(error))
    this.socket.on("disconnect", (reason) => this.onDisconnect(reason))
    this.socket.on("runs.cancel_requested", (request) => options.onCancel(request))
  }

  /** Returns how another process can reach the server. */
  get route(): Route {
    return routeOf(this.options.agent)
  }

  get online(): boolean {
    return this.socket.connected && !this.closed
  }

  /** Sends a command. Resolves with the reply, or with `lost` if none arrived; never rejects. */
  call<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Answer<N>> {
    return new Promise((resolve) => {
      if (!this.online) return resolve({ ok: false, lost: "disconnected" })
      const timed = this.socket.timeout(this.options.ackTimeoutMs)
      const emit = timed.emit.bind(timed) as unknown as UntypedEmit
      emit(event, payload, (error, reply) => {
        if (error !== null && error !== undefined)
          resolve({ ok: false, lost: this.socket.connected ? "timeout" : "disconnected" })
        else resolve(isReply<N>(reply) ? reply : INVALID_REPLY)
      })
    })
  }

  /** Closes the connection permanently. */
  close(): void {
    this.closed = true
    this.socket.disconnect()
  }

  private onConnect(): void {
    this.epoch++
    if (this.socket.io.engine.transport.name === "polling") this.transports = ["polling", "websocket"]
    this.backoff.reset()
    this.outageReported = false
    this.options.onOnline()
  }

  private onConnectError(error: Error & { data?: unknown }): void {
    if (this.closed) return
    const { origin } = this.options.address
    const data = (typeof error.data === "object" && error.data !== null ? error.data : {}) as {
      code?: unknown
      retry_after_ms?: unknown
    }
    if (data.code === "unauthenticated" || data.code === "unsupported_protocol") {
      this.giveUp(new AgentError(data.code, `${origin} refused the connection: ${error.message}`))
      return
    }
    this.reportOutage(`cannot reach ${this.url} (${explain(error, this.url)})`)
    // While `active`, Socket.IO reconnects on its own. It doesn't if the server refused this connection.
    if (this.socket.active) return
    const minMs = typeof data.retry_after_ms === "number" ? data.retry_after_ms : REFUSED_RETRY_MS
    setBackgroundTimeout(() => this.reconnect(), Math.max(minMs, this.backoff.nextDelayMs()))
  }

  private get url(): string {
    const { origin, basePath } = this.options.address
    return origin + basePath
  }

  private reconnect(): void {
    if (!this.closed && !this.socket.active) this.socket.connect()
  }

  private onDisconnect(reason: string): void {
    if (this.closed) return
    if (reason === "io server disconnect")
      this.giveUp(
        new AgentError("revoked", `${this.url} closed the connection permanently: the token was revoked`),
      )
    else this.reportOutage(`lost the connection to ${this.url} (${reason})`)
  }

  private reportOutage(what: string): void {
    if (this.outageReported) return
    this.outageReported = true
    this.options.onError(new AgentError("unreachable", `${what}; retrying, turns are queued`), false)
  }

  private giveUp(error: AgentError): void {
    this.close()
    this.options.onError(error, true)
  }
}

const INVALID_REPLY: Refusal = {
  ok: false,
  error: { code: "internal", message: "The reply doesn't follow Turnline's protocol." },
}

function isReply<N extends CommandName>(reply: unknown): reply is Reply<N> {
  return typeof reply === "object" && reply !== null && "ok" in reply && typeof reply.ok === "boolean"
}

/** Explains why a connection failed, and suggests a fix for the common causes. */
function explain(error: Error, url: string): string {
  const detail = detailOf(error)
  if (/EPROTO|wrong version number|packet length too long|SSL routines/i.test(detail))
    return `the server doesn't speak TLS; try ${url.replace(/^https:/, "http:")}`
  if (/\b404\b/.test(detail)) return `${detail}; is Turnline served at another path?`
  return detail
}

/** Returns an error's cause. engine.io puts it in `error.description.message`, or an HTTP status in `error.description`. */
function detailOf(error: Error & { description?: unknown; context?: { statusText?: unknown } }): string {
  const { description, context } = error
  // In Node, a request that got no response has its error here.
  if (description === 0 && context?.statusText instanceof Error) return messageOf(context.statusText)
  if (typeof description === "number") return `${error.message}: HTTP ${description}`
  if (typeof description === "object" && description !== null && "message" in description)
    return `${error.message}: ${String(description.message)}`
  return messageOf(error)
}
