import type { Principal } from "@/lib/protocol/access"

/**
 * `connecting`: not yet up for the first time. `reconnecting`: was up, is trying again; what is on screen stays.
 * `signed_out`: the server wants a (new) token; what is on screen stays. `stale`: this page is of another version than the server; reload.
 */
export type ConnectionPhase = "connecting" | "live" | "reconnecting" | "signed_out" | "stale"

/** What the signed-in token allows, as `GET /api/session` says. */
export type Session = Pick<Principal, "name" | "read" | "control" | "mint"> & {
  /** Let in without a token, to look at a demo. */
  demo?: boolean
  /** The build of the pages that the server has now; another one than the page's own makes the page stale. */
  build?: string
}

export type ConnectionState = {
  phase: ConnectionPhase
  /** Counts the connections made so far; a new number means that everything was subscribed again. */
  epoch: number
  /** Undefined until known. */
  session: Session | undefined
}
