import type { AddressInfo } from "node:net"
import { connect, createServer, type Server, type Socket } from "node:net"

/** A balancer that knows nothing of HTTP: each new connection goes to the next node that accepts one. */
export class Balancer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #ports: readonly number[] = []
  #next = 0
  /** Ports that get no new connections, as after a failed health check. */
  readonly drained = new Set<number>()

  constructor() {
    this.#server = createServer((client) => this.#forward(client))
  }

  async listen(ports: readonly number[]): Promise<void> {
    this.#ports = ports
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve))
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Closes all connections to a node, as a balancer does that finds it down. */
  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  close(): void {
    this.closeAll()
    this.#server.close()
  }

  #forward(client: Socket): void {
    client.on("error", () => client.destroy())
    this.#keep(client)
    this.#try(client, this.#ports.length)
  }

  #try(client: Socket, attempts: number): void {
    const candidates = this.#ports.filter((port) => !this.drained.has(port))
    const port = candidates[this.#next++ % Math.max(1, candidates.length)]
    if (port === undefined || attempts === 0) {
      client.destroy()
      return
    }
    const node = connect({ port, host: "127.0.0.1" })
    this.#keep(node)
    node.once("error", () => {
      node.destroy()
      if (!client.destroyed && node.bytesWritten === 0) this.#try(client, attempts - 1)
      else client.destroy()
    })
    node.once("connect", () => {
      client.pipe(node)
      node.pipe(client)
      client.once("close", () => node.destroy())
      node.once("close", () => client.destroy())
    })
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.once("close", () => this.#sockets.delete(socket))
  }
}
