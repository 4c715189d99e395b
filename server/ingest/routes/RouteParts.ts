import type { IncomingMessage } from "node:http"
import type { IngestNote } from "@/lib/protocol/events"
import type { BodyBudget } from "@/server/ingest/BodyBudget"
import type { IngestError } from "@/server/ingest/IngestError"
import type { IngestService } from "@/server/ingest/IngestService"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { Redactor } from "@/server/redact/Redactor"

type Counted = "received" | "turns" | "context" | "refused" | "late"

export type RouteParts = {
  service: IngestService
  bodies: BodyBudget
  clock: Clock
  redactor: Redactor | undefined
  /** Adds an entry to the log of incoming messages. */
  note(note: IngestNote): void
  /** Like `note`, at most once a minute for each key. */
  noteLimited(key: string, note: IngestNote): void
  count(dialect: string, what: Counted, count: number): void
  logError(error: unknown): void
}

/** The content of an accepted request, for the log and the metrics. */
export type Arrival = {
  dialect: string
  bytes: number
  records: number
  turns: number
  context: number
  refused: number
  /** Why the first refused record was refused, or what couldn't be read. */
  reason?: string
}

/** Logs and counts an accepted request. */
export function noteArrival(
  parts: RouteParts,
  request: IncomingMessage,
  arrival: Arrival,
  path: string,
): void {
  const { dialect, bytes, records, turns, context, refused, reason } = arrival
  parts.count(dialect, "received", records)
  parts.count(dialect, "context", context)
  parts.count(dialect, "refused", refused)
  const at = isoTime(parts.clock.now())
  const event = `${request.method} ${path}`
  const counts = { dialect, records, turns, context, refused }
  parts.note({ at, event, bytes, ok: true, ...counts, ...(reason !== undefined && { message: reason }) })
  if (reason === undefined) return
  // The accepted request alone would look like success.
  const message = refused === 0 ? reason : `Refused ${refused} of ${records} records. ${reason}`
  parts.noteLimited(`${dialect} ${reason}`, {
    at,
    event,
    bytes,
    ok: false,
    code: "invalid_payload",
    dialect,
    message,
  })
}

/** Logs and counts a request that was refused completely. */
export function noteRefusal(
  parts: RouteParts,
  request: IncomingMessage,
  dialect: string,
  error: IngestError,
  path: string,
): void {
  parts.count(dialect, "refused", 1)
  parts.note({
    at: isoTime(parts.clock.now()),
    event: `${request.method} ${path}`,
    bytes: Number(request.headers["content-length"] ?? 0) || 0,
    ok: false,
    dialect,
    code: codeOf(error.status),
    message: error.message,
  })
}

function codeOf(status: number): string {
  if (status === 401) return "unauthenticated"
  if (status === 403) return "forbidden"
  if (status === 413) return "too_large"
  return status >= 500 ? "unavailable" : "invalid_payload"
}
