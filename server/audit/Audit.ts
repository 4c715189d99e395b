/** What an audit log tells of. */
export type AuditEvent =
  | "server_started"
  | "server_stopped"
  | "connected"
  | "request_allowed"
  | "auth_failed"
  | "signed_in"
  | "signed_out"
  | "dismissed"
  | "token_created"
  | "token_revoked"
  | "run_read"
  | "run_exported"
  | "run_deleted"
  | "runs_expired"
  | "cancel_requested"
  | "refused"
  | "limit"
  | "lines_dropped"

/** Who did what to what. Neither content of traces nor anything that lets somebody in. */
export type AuditEntry = {
  event: AuditEvent
  /** The token's id and name. */
  token?: string
  name?: string
  address?: string
  /** Tells connections apart. */
  connection?: string
  run_id?: string
  /** The command or path. */
  how?: string
  why?: string
  count?: number
}

/** Where it is noted who did what. Never throws, never waits. */
export interface Audit {
  record(entry: AuditEntry): void
}

/** Notes nothing. */
export const NO_AUDIT: Audit = { record: () => undefined }
