import type { IncomingMessage, ServerResponse } from "node:http"
import type { Principal } from "@/lib/protocol/access"
import type { AuthResult } from "@/server/auth/Access"

/** A request with everything that its handler needs. */
export type RequestContext = {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly url: URL
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string | undefined>>
  readonly auth: AuthResult
}

export type AuthenticatedContext = RequestContext & { readonly principal: Principal }

/**
 * An HTTP endpoint. GET routes also handle HEAD. POST routes accept a session cookie only from this server's own pages.
 */
export type Route = {
  readonly method: "GET" | "POST" | "PATCH"
  /** A find-my-way path such as `/api/runs/:runId`. */
  readonly path: string
  /** Passes other methods of this path to the pages instead of responding with 405. */
  readonly isShared?: true
} & (
  | { readonly isPublic: true; handle(context: RequestContext): Promise<void> | void }
  | { readonly isPublic?: false; handle(context: AuthenticatedContext): Promise<void> | void }
)
