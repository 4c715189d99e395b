import { setTimeout as sleep } from "node:timers/promises"
import { io, type Socket } from "socket.io-client"
import type {
  ClientToServerEvents,
  CommandInput,
  CommandName,
  Reply,
  ServerToClientEvents,
} from "@/lib/protocol/catalog"

/** The connection closed before the reply arrived, so it is unknown whether the command was executed. */
export const LOST = "lost"

/** How to reach a server without a network: opens a connection, and waits by the server's clock. */
export type Transport = {
  open(credentials: { token: string; client_id?: string }): TypedSocket
  pause(ms: number): Promise<void>
}

export type TypedSocket = Socket<ServerToClientEvents, ClientToServerEvents>

type ConnectionOptions = {
  url: string
  token: string
  client_id?: string
  reconnectMs?: number
  /** Default: Socket.IO over WebSocket. */
  transport?: Transport | undefined
}

/** An unmodified Socket.IO client that reconnects automatically and settles every request. */
export class Connection {
  readonly socket: TypedSocket
  /** How many times it has connected. */
  connects = 0
  #waiting = new Set<() => void>()
  #closed = false

  readonly #transport: Transport | undefined

  constructor(options: ConnectionOptions) {
    this.#transport = options.transport
    this.socket = options.transport?.open(options) ?? openSocket(options)
    this.socket.on("connect", () => {
      this.connects++
      this.#wake()
    })
    this.socket.on("disconnect", () => this.#wake())
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const wake of waiting) wake()
  }

  /** Resolves once connected (true), or once closed (false). */
  async connected(): Promise<boolean> {
    while (!this.socket.connected) {
      if (this.#closed) return false
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
    return true
  }

  /** Sends once on the current connection. Returns `LOST` if it closes or isn't open. */
  ask<N extends CommandName>(command: N, payload: CommandInput<N>): Promise<Reply<N> | typeof LOST> {
    return new Promise((resolve) => {
      if (!this.socket.connected) return resolve(LOST)
      const lost = () => resolve(LOST)
      this.#waiting.add(lost)
      // TypeScript can't index the event map by a type parameter. The types in the signature of `ask` suffice.
      const loose = this.socket as unknown as { emit(...args: unknown[]): void }
      loose.emit(command, payload, (reply: Reply<N>) => {
        this.#waiting.delete(lost)
        resolve(reply)
      })
    })
  }

  /** Retries until the reply isn't a temporary error. Returns `LOST` only if closed. */
  async askWithRetries<N extends CommandName>(
    command: N,
    payload: CommandInput<N>,
    onError: (code: string) => void = () => {},
  ): Promise<Reply<N> | typeof LOST> {
    while (await this.connected()) {
      const reply = await this.ask(command, payload)
      if (reply === LOST) continue
      if (reply.ok || (reply.error.code !== "unavailable" && reply.error.code !== "rate_limited"))
        return reply
      onError(reply.error.code)
      await this.pause(reply.error.retry_after_ms ?? 100)
    }
    return LOST
  }

  pause(ms: number): Promise<void> {
    return this.#transport?.pause(ms) ?? sleep(ms)
  }

  /** Drops the transport abruptly, like a cut cable; the client then reconnects. */
  cut(): void {
    this.socket.io.engine.close()
  }

  close(): void {
    this.#closed = true
    this.socket.disconnect()
    this.#wake()
  }
}

function openSocket({ url, token, client_id, reconnectMs = 100 }: ConnectionOptions): TypedSocket {
  return io(url, {
    auth: { token, ...(client_id !== undefined && { client_id }) },
    transports: ["websocket"],
    forceNew: true,
    reconnectionDelay: reconnectMs,
    reconnectionDelayMax: reconnectMs * 4,
    timeout: 5_000,
  })
}
