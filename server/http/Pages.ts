import type { IncomingMessage, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"

/** The web pages, as the HTTP server uses them. */
export type Pages = {
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>
  /** In development only: handles the WebSocket for hot reloading. */
  upgrade?(request: IncomingMessage, socket: Duplex, head: Buffer): void
  close(): Promise<void>
  /** The id of the build, which pages compare with their own. Undefined in development. */
  readonly build?: string
}
