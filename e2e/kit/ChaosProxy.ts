import { connect, createServer, type Server, type Socket } from "node:net"
import type { SeededRandom } from "./seededRandom"

export type ProxyOptions = {
  /** Target port on 127.0.0.1. */
  port: number
  random: SeededRandom
  /** How long a connection lives before it is cut, ms; undefined: never cut. */
  cutMs?: [number, number]
  /** Probability that a cut drains data in flight (FIN) instead of dropping it (RST). */
  halfCloseChance?: number
  /** Delay of each chunk, ms. */
  delayMs?: [number, number]
  /** Splits data to the client at random bytes. */
  split?: boolean
  /** Maximum rate to each client, bytes per second. */
  bytesPerSecond?: number
}

/** An in-process TCP proxy that cuts, delays and splits connections. Needs no root. */
export class ChaosProxy {
  cuts = 0
  /** Bytes forwarded to clients. */
  bytes = 0
  #calm = false
  readonly #sockets = new Set<Socket>()

  private constructor(
    readonly options: ProxyOptions,
    readonly server: Server,
  ) {
    server.on("connection", (client) => this.#carry(client))
  }

  static async open(options: ProxyOptions): Promise<ChaosProxy> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return new ChaosProxy(options, server)
  }

  get url(): string {
    const address = this.server.address()
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`
  }

  #carry(client: Socket): void {
    const { options } = this
    const upstream = connect(options.port, "127.0.0.1")
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.on("error", () => {})
      socket.on("close", () => {
        this.#sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on("data", (chunk) => this.#hand(upstream, client, chunk, false))
    upstream.on("data", (chunk) => {
      this.bytes += chunk.length
      this.#hand(client, upstream, chunk, true)
    })
    if (options.cutMs)
      setTimeout(() => this.#cut(client, upstream), options.random.int(...options.cutMs)).unref()
  }

  /** Forwards a chunk, delayed and in pieces. One chunk is in flight at a time, which preserves the order. */
  #hand(to: Socket, from: Socket, chunk: Buffer, toClient: boolean): void {
    const { random, delayMs, bytesPerSecond, split } = this.options
    const at =
      split && toClient && chunk.length > 1 && !this.#calm ? random.int(1, chunk.length - 1) : chunk.length
    const send = () => {
      const taken = to.write(chunk.subarray(0, at))
      const whole = at === chunk.length ? taken : to.write(chunk.subarray(at))
      if (!whole) waitForDrain(to, from)
    }
    const isSlow = bytesPerSecond !== undefined && toClient
    const waitMs = isSlow ? (1_000 * chunk.length) / bytesPerSecond : delayMs ? random.int(...delayMs) : 0
    if (waitMs === 0 || this.#calm) {
      send()
      return
    }
    from.pause()
    setTimeout(() => {
      from.resume()
      send()
    }, waitMs)
  }

  #cut(client: Socket, upstream: Socket): void {
    if (this.#calm || client.destroyed) return
    this.cuts++
    if (this.options.random.chance(this.options.halfCloseChance ?? 0)) {
      upstream.end()
      client.end()
    } else {
      client.resetAndDestroy()
      upstream.resetAndDestroy()
    }
  }

  /** Stops injecting faults. Open connections stay open. */
  calm(): void {
    this.#calm = true
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.server.close(() => resolve()))
  }
}

function waitForDrain(to: Socket, from: Socket): void {
  from.pause()
  to.once("drain", () => from.resume())
}
