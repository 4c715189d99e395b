import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

/** The web pages, as the front door sees them. */
export type Pages = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** In development only: the socket by which pages reload themselves. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): Promise<void>
}

/** Loads Next and prepares its pages; takes a second or two. `root` is the folder of `next.config.js`. */
export async function preparePages(options: {
  root: string
  dev: boolean
  host: string
  port: number
}): Promise<Pages> {
  const { default: next } = await import("next")
  // Next takes upgrades off the server it is given: it gets one that never listens, and is handed those meant for it.
  const upgrades = createServer()
  const app = next({
    dir: options.root,
    dev: options.dev,
    hostname: options.host,
    port: options.port,
    quiet: true,
    httpServer: upgrades,
  })
  await app.prepare()
  const handle = app.getRequestHandler()
  return {
    handle: (request, response) => handle(request, response),
    ...(options.dev && {
      upgrade: (request, socket, head) => {
        upgrades.emit("upgrade", request, socket, head)
      },
    }),
    close: () => app.close(),
  }
}
