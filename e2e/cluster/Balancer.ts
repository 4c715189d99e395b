import type { AddressInfo } from "node:net"
import { connect, createServer, type Server, type Socket } from "node:net"

/** A TCP load balancer: each new connection goes to the next node that accepts it. */
export class Balancer {
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  /** The clients of each node, by the node's port. */
  readonly #clients = new Map<number, Set<Socket>>()
  #ports: readonly number[] = []
  #next = 0
  /** Ports that receive no new connections, as after a failed health check. */
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

  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }

  /** Closes all connections to a node and routes no new ones to it, as if it had died. */
  break(port: number): void {
    this.drained.add(port)
    for (const client of this.#clients.get(port) ?? []) client.destroy()
  }

  /** Updates a node's port. */
  replace(before: number, after: number): void {
    this.#ports = this.#ports.map((port) => (port === before ? after : port))
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
      const clients = this.#clients.get(port) ?? new Set<Socket>()
      this.#clients.set(port, clients.add(client))
      client.once("close", () => clients.delete(client))
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
