import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

/** The web pages, as the HTTP server uses them. */
export type Pages = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** In development only: the socket by which pages reload themselves. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): Promise<void>
  /** Names the build that is served; pages of another build are of another version. Undefined in development. */
  readonly build?: string
}
