import { createServer, type IncomingMessage, request, type Server } from "node:http"
import { type AddressInfo, connect } from "node:net"
import type { Duplex } from "node:stream"

/**
 * A reverse proxy that forwards one path of its host, and responds with 404 to everything else. It either keeps the path
 * or removes it, as nginx does with a slash at the end of `proxy_pass`.
 */
export class PathProxy {
  readonly #server: Server
  readonly #path: string
  readonly #keeps: boolean
  #target = 0
  /** Both ends of each WebSocket. */
  readonly #streams = new Set<Duplex>()
  /** The URLs that it didn't forward. */
  readonly outside: string[] = []

  private constructor(path: string, keeps: boolean) {
    this.#path = path
    this.#keeps = keeps
    this.#server = createServer((asked, response) => {
      const url = this.#forwarded(asked)
      if (url === undefined) return void response.writeHead(404).end()
      const { method, headers } = asked
      const sent = request({ port: this.#target, path: url, method, headers }, (got) => {
        response.writeHead(got.statusCode ?? 502, got.headers)
        got.pipe(response)
      })
      sent.on("error", () => response.destroy())
      asked.pipe(sent)
    })
    this.#server.on("upgrade", (asked, socket, head) => {
      const url = this.#forwarded(asked)
      if (url === undefined) return void socket.destroy()
      const upstream = connect(this.#target, "127.0.0.1", () => {
        const lines = [`${asked.method} ${url} HTTP/1.1`]
        for (let at = 0; at < asked.rawHeaders.length; at += 2)
          lines.push(`${asked.rawHeaders[at]}: ${asked.rawHeaders[at + 1]}`)
        upstream.write(`${lines.join("\r\n")}\r\n\r\n`)
        upstream.write(head)
        socket.pipe(upstream).pipe(socket)
      })
      for (const stream of [socket, upstream]) {
        this.#streams.add(stream)
        stream.on("error", () => undefined)
        stream.on("close", () => {
          socket.destroy()
          upstream.destroy()
        })
      }
    })
  }

  /** Starts a proxy for a path such as `/turnline`. Set its target before using it. */
  static async start(path: string, keeps: boolean): Promise<PathProxy> {
    const proxy = new PathProxy(path, keeps)
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve))
    return proxy
  }

  /** The host's address, without the path. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  forwardTo(port: number): void {
    this.#target = port
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    for (const stream of this.#streams) stream.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #forwarded({ url = "" }: IncomingMessage): string | undefined {
    if (url.startsWith(`${this.#path}/`)) return this.#keeps ? url : url.slice(this.#path.length)
    this.outside.push(url)
    return undefined
  }
}
