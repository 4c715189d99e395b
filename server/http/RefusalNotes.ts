import type { IncomingMessage } from "node:http"
import type { IngestNote } from "@/lib/protocol/events"
import { type Clock, isoTime } from "@/server/platform/Clock"

/** The endpoints for agents, as part of a message. */
const PATHS =
  "OTLP goes to /v1/traces and /v1/logs, LangSmith to /runs, OpenAI Agents to /v1/traces/ingest, Claude Code's hooks to /ingest/claude-code/hooks, exports to /api/import"
const MAX_PATH = 120

/** Adds a note to the log of incoming messages unless one with this key was added in the last minute. */
export type NoteRefused = (key: string, note: IngestNote) => void

/** Adds a note for each refused request, so that the Connect page shows why nothing arrives. */
export class RefusalNotes {
  constructor(
    private readonly clock: Clock,
    private readonly addressOf: (request: IncomingMessage) => string,
    private readonly note: NoteRefused,
  ) {}

  /** Adds a note for a path that isn't an endpoint for agents. Returns a message that says what to do instead. */
  unknownPath(request: IncomingMessage, pathname: string): string {
    const isSocket = pathname.includes("/socket.io")
    const message = isSocket
      ? `Socket.IO is served at /socket.io/, not at ${shorten(pathname)}. Connect to the server's address without a path.`
      : `${request.method} ${shorten(pathname)} isn't an endpoint. ${PATHS}.`
    this.add(isSocket ? "socket path" : "path", request, pathname, "not_found", message)
    return message
  }

  /** Adds a note for a host name or origin that isn't allowed. */
  forbidden(request: IncomingMessage, pathname: string, message: string): void {
    this.add("host", request, pathname, "forbidden", message)
  }

  private add(
    kind: string,
    request: IncomingMessage,
    pathname: string,
    code: "not_found" | "forbidden",
    message: string,
  ): void {
    this.note(`${kind} ${this.addressOf(request)}`, {
      at: isoTime(this.clock.now()),
      event: `${request.method} ${shorten(pathname)}`,
      bytes: Number(request.headers["content-length"] ?? 0) || 0,
      ok: false,
      code,
      message,
    })
  }
}

function shorten(path: string): string {
  return path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path
}
