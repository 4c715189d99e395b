/** The kinds of events in the audit log. */
type AuditEvent =
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

/** An event and who caused it. Contains neither trace content nor credentials. */
export type AuditEntry = {
  event: AuditEvent
  /** The token's id. */
  token?: string
  name?: string
  address?: string
  /** Identifies the connection. */
  connection?: string
  run_id?: string
  /** The command or the HTTP path. */
  how?: string
  why?: string
  count?: number
}

/** Records who did what. Never throws and never waits. */
export interface Audit {
  record(entry: AuditEntry): void
}

/** An audit log that records nothing. */
export const NO_AUDIT: Audit = { record: () => undefined }
