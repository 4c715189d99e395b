import { EventEmitter, once } from "node:events"
import type { AgentError } from "@/lib/agent/AgentError"
import { AgentConnection } from "@/lib/agent/delivery/AgentConnection"
import { Backoff } from "@/lib/agent/delivery/Backoff"
import { proxyAgent } from "@/lib/agent/delivery/nodePlatform"
import type { ServerAddress } from "@/lib/agent/delivery/serverAddress"
import type { CommandInput, CommandName, Refusal, Reply } from "@/lib/protocol/catalog"
import type { ErrorCode } from "@/lib/protocol/codes"

/** Errors that aren't the command's fault. A command that fails with one of them is sent again. */
const TRANSIENT: ReadonlySet<ErrorCode> = new Set(["unavailable", "rate_limited", "internal"])
const ACK_TIMEOUT_MS = 30_000
const RECONNECT_DELAY_MS = 300

export type ServerOptions = {
  address: ServerAddress
  token: string | undefined
  clientId: string
  /** Called when the connection was lost or couldn't be established. The connection is retried. */
  onOutage: (error: AgentError) => void
  /** Called when the server refuses this client. */
  onRefusal: (error: AgentError) => void
}

/** The connection to the server, as runs use it. */
export type RunServer = {
  /** The number of the current connection. On a new connection, each run must be taken over before it is written to. */
  readonly epoch: number
  readonly online: boolean
  /**
   * Sends a command repeatedly until there is a reply. Resolves with undefined once the connection is closed
   * permanently.
   */
  call<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Reply<N> | undefined>
  /**
   * Sends a command once, because it would be useless later. Resolves with undefined without a connection or a reply.
   */
  callOnce<N extends CommandName>(event: N, payload: CommandInput<N>): Promise<Reply<N> | undefined>
  /** Calls `listener` each time a connection has been established. Returns an unsubscribe function. */
  onOnline(listener: () => void): () => void
}

/** The connection to Turnline. It survives lost connections and restarts of the server. */
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

  /** Resolves when a connection is established, or when it is closed permanently. */
  private async change(): Promise<void> {
    const waiting = new AbortController()
    const { signal } = waiting
    await Promise.race([once(this.events, "online", { signal }), once(this.events, "closed", { signal })])
    // Removes the listener for the event that didn't occur.
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
