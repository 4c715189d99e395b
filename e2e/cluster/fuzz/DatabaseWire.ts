import type { AddressInfo } from "node:net"
import { connect, createServer, type Server, type Socket } from "node:net"

/** A proxy between a node and its database. It can delay traffic, cut connections, or refuse connections. */
export class DatabaseWire {
  readonly url: string
  readonly #server: Server
  readonly #pairs = new Set<readonly [Socket, Socket]>()
  #waiting: (() => void)[] = []
  #isHeld = false
  /** How many connections were refused. */
  refused = 0
  #isDown = false
  #untilCut = Number.POSITIVE_INFINITY

  private constructor(target: URL, server: Server) {
    this.#server = server
    const url = new URL(target)
    url.port = String((server.address() as AddressInfo).port)
    this.url = url.href
    server.on("connection", (client) => this.#carry(client, target))
  }

  static async open(databaseUrl: string): Promise<DatabaseWire> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
    return new DatabaseWire(new URL(databaseUrl), server)
  }

  /** Holds traffic in both directions, and delivers it when released: late, but complete and in order. */
  hold(): void {
    this.#isHeld = true
  }

  release(): void {
    this.#isHeld = false
    for (const send of this.#waiting.splice(0)) send()
  }

  /** Breaks every connection and loses held traffic. New connections are possible. */
  cut(): void {
    this.#waiting = []
    for (const pair of this.#pairs) for (const socket of pair) socket.destroy()
  }

  /** Breaks every connection once, when the node has sent this many more messages. */
  cutAfter(messages: number): void {
    this.#untilCut = messages
  }

  /** True if the connections are still to be broken by `cutAfter`. */
  get isCutPending(): boolean {
    return this.#untilCut !== Number.POSITIVE_INFINITY
  }

  /** Breaks every connection and refuses new ones. */
  down(): void {
    this.#isDown = true
    this.cut()
  }

  up(): void {
    this.#isDown = false
  }

  async close(): Promise<void> {
    this.down()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #carry(client: Socket, target: URL): void {
    if (this.#isDown) {
      this.refused += 1
      client.on("error", () => {})
      client.destroy()
      return
    }
    const database = connect(Number(target.port || 5432), target.hostname)
    client.on("data", () => this.#countDown())
    const pair = [client, database] as const
    this.#pairs.add(pair)
    for (const [from, to] of [pair, [database, client] as const]) {
      from.setNoDelay(true)
      from.on("error", () => {})
      from.on("data", (chunk) => this.#pass(() => to.write(chunk)))
      // The end of a connection arrives after the data sent before it.
      from.on("close", () => {
        this.#pairs.delete(pair)
        this.#pass(() => to.destroy())
      })
    }
  }

  #countDown(): void {
    this.#untilCut -= 1
    if (this.#untilCut > 0) return
    this.#untilCut = Number.POSITIVE_INFINITY
    this.cut()
  }

  #pass(send: () => void): void {
    if (this.#isHeld) this.#waiting.push(send)
    else send()
  }
}
