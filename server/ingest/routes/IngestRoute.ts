import type { IncomingMessage, ServerResponse } from "node:http"
import type { AuthResult } from "@/server/auth/Access"

export type IngestContext = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  readonly params: Readonly<Record<string, string | undefined>>
  readonly auth: AuthResult
}

/**
 * An endpoint for senders of foreign formats. The endpoint checks authentication itself, because each format has its
 * own errors.
 */
export type IngestRoute = {
  readonly method: "GET" | "POST" | "PATCH"
  readonly path: string
  readonly isPublic: true
  /** Passes other methods of this path to the pages. */
  readonly isShared?: true
  handle(context: IngestContext): Promise<void>
}
