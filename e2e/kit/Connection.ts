import { io, type Socket } from "socket.io-client"
import type {
  ClientToServerEvents,
  CommandInput,
  CommandName,
  Reply,
  ServerToClientEvents,
} from "@/lib/protocol/catalogue"

/** The connection went before the answer came: whether the command was carried out is not known. */
export const LOST = "lost"

type TypedSocket = Socket<ServerToClientEvents, ClientToServerEvents>

/** A stock Socket.IO client that comes back by itself and never leaves a question open. */
export class Connection {
  readonly socket: TypedSocket
  /** How many times it was connected. */
  connects = 0
  #waiting = new Set<() => void>()
  #closed = false

  constructor(options: { url: string; token: string; client_id?: string; reconnectMs?: number }) {
    const { url, token, client_id, reconnectMs = 100 } = options
    this.socket = io(url, {
      auth: { token, ...(client_id !== undefined && { client_id }) },
      transports: ["websocket"],
      forceNew: true,
      reconnectionDelay: reconnectMs,
      reconnectionDelayMax: reconnectMs * 4,
      timeout: 5_000,
    })
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

  /** Asks once on the connection that is open now; `LOST` when it goes, or is not there. */
  ask<N extends CommandName>(command: N, payload: CommandInput<N>): Promise<Reply<N> | typeof LOST> {
    return new Promise((resolve) => {
      if (!this.socket.connected) return resolve(LOST)
      const lost = () => resolve(LOST)
      this.#waiting.add(lost)
      // The event map can't be indexed by a type parameter; the catalogue's types hold at the signature.
      const loose = this.socket as unknown as { emit(...args: unknown[]): void }
      loose.emit(command, payload, (reply: Reply<N>) => {
        this.#waiting.delete(lost)
        resolve(reply)
      })
    })
  }

  /** Asks until there is an answer that is not the server's momentary trouble; `LOST` only once closed. */
  async insist<N extends CommandName>(
    command: N,
    payload: CommandInput<N>,
    onTrouble: (code: string) => void = () => {},
  ): Promise<Reply<N> | typeof LOST> {
    while (await this.connected()) {
      const reply = await this.ask(command, payload)
      if (reply === LOST) continue
      if (reply.ok || (reply.error.code !== "unavailable" && reply.error.code !== "rate_limited"))
        return reply
      onTrouble(reply.error.code)
      await new Promise((resolve) => setTimeout(resolve, reply.error.retry_after_ms ?? 100))
    }
    return LOST
  }

  /** Drops the transport without a word, as a cut wire does; it comes back by itself. */
  cut(): void {
    this.socket.io.engine.close()
  }

  close(): void {
    this.#closed = true
    this.socket.disconnect()
    this.#wake()
  }
}
