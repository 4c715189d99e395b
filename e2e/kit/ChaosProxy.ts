import { connect, createServer, type Server, type Socket } from "node:net"
import type { SeededRandom } from "./seededRandom"

export type ProxyOptions = {
  /** Port on 127.0.0.1 that it leads to. */
  port: number
  random: SeededRandom
  /** How long a connection lives before it is cut, ms; none is cut without. */
  cutMs?: [number, number]
  /** How likely a cut lets what is under way drain (FIN) instead of losing it (RST). */
  halfCloseChance?: number
  /** Delays each chunk, ms. */
  delayMs?: [number, number]
  /** Splits what goes to the client at random bytes. */
  split?: boolean
  /** What goes to each client at the most, bytes a second. */
  bytesPerSecond?: number
}

/** A TCP proxy in this process that cuts, delays and splits: a bad wire, without root. */
export class ChaosProxy {
  cuts = 0
  /** Bytes handed on to clients. */
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

  /** Hands a chunk on, late and in pieces; the order stays, since one chunk is under way at a time. */
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

  /** No more faults; what is connected stays so. */
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
