import type { Principal } from "@/lib/protocol/access"

/**
 * `connecting`: before the first connection. `reconnecting`: after the connection was lost. `signed_out`: the server
 * requires a (new) token. `stale`: the server runs another version, and the page must be reloaded. The content of the
 * page stays visible in every phase.
 */
export type ConnectionPhase = "connecting" | "live" | "reconnecting" | "signed_out" | "stale"

/** What the signed-in token allows, as returned by `GET /api/session`. */
export type Session = Pick<Principal, "name" | "read" | "control" | "mint"> & {
  /** True if admitted without a token, to view a demo. */
  demo?: boolean
  /** The build of the pages that the server serves now. If it differs from the page's own, the page is stale. */
  build?: string
  /** The paths of the client packages that the server offers for installation. */
  packages?: readonly string[]
  /** The server's data directory, unless it is the default. Null if this viewer may not know its path. */
  data_dir?: string | null
}

export type ConnectionState = {
  phase: ConnectionPhase
  /** The number of connections so far. Each new connection renews all subscriptions. */
  epoch: number
  /** Undefined until known. */
  session: Session | undefined
}
