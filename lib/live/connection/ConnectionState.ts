import type { Principal } from "@/lib/protocol/access"

/**
 * `connecting`: before the first connection. `reconnecting`: after a connection was lost. `signed_out`: the server requires
 * a (new) token. `stale`: the server runs another version; the page must be reloaded. Contents on screen stay in every phase.
 */
export type ConnectionPhase = "connecting" | "live" | "reconnecting" | "signed_out" | "stale"

/** What the signed-in token allows, as `GET /api/session` says. */
export type Session = Pick<Principal, "name" | "read" | "control" | "mint"> & {
  /** Admitted without a token to view a demo. */
  demo?: boolean
  /** The build of the pages that the server serves now. If it isn't the page's own, the page is stale. */
  build?: string
}

export type ConnectionState = {
  phase: ConnectionPhase
  /** The number of connections so far. When it changes, everything has been subscribed again. */
  epoch: number
  /** Undefined until known. */
  session: Session | undefined
}
