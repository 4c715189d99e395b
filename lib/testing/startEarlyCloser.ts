import { createHash } from "node:crypto"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"

const WEBSOCKET_KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

/** A server that accepts WebSockets and closes them before the handshake. It answers other requests with status 503. */
export type EarlyCloser = {
  url: string
  /** Returns how many WebSockets have been closed. */
  closed(): number
  dispose(): void
}

export async function startEarlyCloser(): Promise<EarlyCloser> {
  let closed = 0
  const server = createServer((_request, response) => response.writeHead(503).end())
  server.on("upgrade", (request, socket) => {
    const key = request.headers["sec-websocket-key"] + WEBSOCKET_KEY_SUFFIX
    const accept = createHash("sha1").update(key).digest("base64")
    const head = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"]
    // The client may close the connection first.
    socket.on("error", () => {})
    socket.end(`${[...head, `Sec-WebSocket-Accept: ${accept}`].join("\r\n")}\r\n\r\n`)
    closed++
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    closed: () => closed,
    dispose() {
      server.closeAllConnections()
      server.close()
    },
  }
}
