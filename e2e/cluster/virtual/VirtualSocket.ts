import { EventEmitter } from "node:events"
import type { TypedSocket } from "@/e2e/kit/Connection"
import type { SeededRandom } from "@/e2e/kit/seededRandom"
import type { Credentials } from "@/server/net/readCredentials"
import type { NodePeer } from "./NodePeer"
import type { VirtualTime } from "./VirtualTime"

const RECONNECT_MS: [number, number] = [50, 400]

/** Connects a client to a node: to any that accepts connections, or to none. */
export type Route = (socket: VirtualSocket) => Promise<NodePeer | undefined>

type Options = {
  credentials: Credentials
  client_id: string
  route: Route
  time: VirtualTime
  random: SeededRandom
}

/** A client's socket within this process. Like Socket.IO's, it connects again when its connection is lost. */
export class VirtualSocket {
  readonly credentials: Credentials
  readonly client_id: string
  readonly io = { engine: { close: () => this.#peer?.cut() } }
  readonly #options: Options
  readonly #events = new EventEmitter()
  #peer: NodePeer | undefined
  #isClosed = false

  constructor(options: Options) {
    this.#options = options
    this.credentials = options.credentials
    this.client_id = options.client_id
    this.#connectLater(0)
  }

  /** As Socket.IO's type. It has the part of Socket.IO's interface that `Connection` and its users need. */
  asSocket(): TypedSocket {
    return this as unknown as TypedSocket
  }

  get connected(): boolean {
    return this.#peer !== undefined
  }

  get peer(): NodePeer | undefined {
    return this.#peer
  }

  on(event: string, listener: (...args: never[]) => void): this {
    this.#events.on(event, listener as (...args: unknown[]) => void)
    return this
  }

  emit(command: string, payload: unknown, acknowledge: (reply: unknown) => void): void {
    this.#peer?.receive(command, payload, acknowledge)
  }

  disconnect(): void {
    this.#isClosed = true
    this.#peer?.cut()
  }

  /** Called with an event from the node. */
  deliver(event: string, payload: unknown): void {
    this.#events.emit(event, payload)
  }

  /** Called when the connection has closed. `isFinal`: the node has dismissed the client, so it doesn't connect again. */
  onClosed(peer: NodePeer, isFinal: boolean): void {
    if (this.#peer !== peer) return
    this.#peer = undefined
    if (isFinal) this.#isClosed = true
    this.#events.emit("disconnect")
    this.#connectLater(this.#options.random.int(...RECONNECT_MS))
  }

  #connectLater(ms: number): void {
    if (!this.#isClosed) this.#options.time.setTimeout(() => void this.#connect(), ms)
  }

  async #connect(): Promise<void> {
    if (this.#isClosed || this.#peer !== undefined) return
    const peer = await this.#options.route(this).catch(() => undefined)
    if (peer === undefined) return this.#connectLater(this.#options.random.int(...RECONNECT_MS))
    if (this.#isClosed || peer.isClosed) {
      peer.cut()
      return this.#connectLater(this.#options.random.int(...RECONNECT_MS))
    }
    this.#peer = peer
    this.#events.emit("connect")
  }
}
