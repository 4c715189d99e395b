import { EventEmitter, once } from "node:events"
import type { AgentError } from "@/lib/agent/AgentError"
import { AgentConnection } from "@/lib/agent/delivery/AgentConnection"
import { Backoff } from "@/lib/agent/delivery/Backoff"
import { proxyAgent } from "@/lib/agent/delivery/nodePlatform"
import type { ServerAddress } from "@/lib/agent/delivery/serverAddress"
import type { CommandInput, CommandName, Refusal, Reply } from "@/lib/protocol/catalogue"
import type { ErrorCode } from "@/lib/protocol/codes"

/** Errors that say nothing about the command: it is sent again. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set(["unavailable", "rate_limited", "internal"])
const ACK_TIMEOUT_MS = 30_000
const RECONNECT_DELAY_MS = 300

export type ServerOptions = {
  address: ServerAddress
  token: string | undefined
  clientId: string
  /** The connection was lost or couldn't be made; it is retried. */
  onOutage: (error: AgentError) => void
  /** The server doesn't let this client in. */
  onRefusal: (error: AgentError) => void
}

/** What a session's runs need of the server. */
export type RunServer = {
  /** Counts connections. A run must be taken over again on a new one. */
  readonly epoch: number
  readonly online: boolean
  /** Resolves with the reply, however long that takes; with undefined once the connection is closed for good. */
  call<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Reply<N> | undefined>
  /** Sends a command that is worth nothing later: undefined without a connection or reply. */
  callOnce<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Reply<N> | undefined>
  /** Calls back on every connection. Returns what stops that. */
  onOnline(listener: () => void): () => void
}

/** The connection to Turnline, over lost connections and restarts of the server. */
export class ServerConnection implements RunServer {
  private readonly connection: AgentConnection
  private readonly events = new EventEmitter()
  private closed = false

  constructor(options: ServerOptions) {
    this.events.setMaxListeners(0)
    this.connection = new AgentConnection({
      address: options.address,
      agent: proxyAgent(options.address.origin),
      ...(options.token === undefined ? {} : { token: options.token }),
      clientId: options.clientId,
      ackTimeoutMs: ACK_TIMEOUT_MS,
      reconnectDelayMs: RECONNECT_DELAY_MS,
      onOnline: () => this.events.emit("online"),
      onCancel: () => {},
      onError: (error, final) => {
        if (!final) return options.onOutage(error)
        this.close()
        options.onRefusal(error)
      },
    })
  }

  get epoch(): number {
    return this.connection.epoch
  }

  get online(): boolean {
    return this.connection.online
  }

  onOnline(listener: () => void): () => void {
    this.events.on("online", listener)
    return () => this.events.off("online", listener)
  }

  async call<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Reply<N> | undefined> {
    const backoff = new Backoff()
    while (!this.closed) {
      if (!this.online) {
        await this.change()
        continue
      }
      const reply = await this.connection.call(event, payload)
      if ("lost" in reply) {
        if (reply.lost === "timeout") await backoff.wait()
        continue
      }
      if (reply.ok || !TRANSIENT.has(reply.error.code)) return reply
      await backoff.wait(reply.error.retry_after_ms)
    }
    return undefined
  }

  /** Resolves once there is a connection, or will be none any more. */
  private async change(): Promise<void> {
    const waiting = new AbortController()
    const { signal } = waiting
    await Promise.race([once(this.events, "online", { signal }), once(this.events, "closed", { signal })])
    // The listener for what didn't happen would stay.
    waiting.abort()
  }

  async callOnce<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Reply<N> | undefined> {
    if (!this.online) return undefined
    const reply = await this.connection.call(event, payload)
    return "lost" in reply ? undefined : reply
  }

  close(): void {
    if (this.closed) return
    this.closed = true
    this.connection.close()
    this.events.emit("closed")
  }
}

export function isRefusal(reply: { ok: boolean }): reply is Refusal {
  return !reply.ok
}
