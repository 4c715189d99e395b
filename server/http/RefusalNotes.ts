import type { IncomingMessage } from "node:http"
import type { IngestNote } from "@/lib/protocol/events"
import { type Clock, isoTime } from "@/server/platform/Clock"

/** Lists the endpoints for agents, as part of a message. `base`: the base path of the server's public URL. */
const describePaths = (base: string) =>
  `OTLP goes to ${base}/v1/traces and ${base}/v1/logs, LangSmith to ${base}/runs, OpenAI Agents to ${base}/v1/traces/ingest, Claude Code's hooks to ${base}/ingest/claude-code/hooks, exports to ${base}/api/import`
const MAX_PATH = 120

/** Adds a note to the log of incoming messages unless one with this key was added in the last minute. */
export type NoteRefused = (key: string, note: IngestNote) => void

/** Adds a note for each refused request, so that the Connect page shows why nothing arrives. */
export class RefusalNotes {
  constructor(
    private readonly clock: Clock,
    private readonly addressOf: (request: IncomingMessage) => string,
    private readonly note: NoteRefused,
    private readonly basePath = "",
  ) {}

  /** Adds a note for a path that isn't an endpoint for agents. Returns a message that says what to do instead. */
  unknownPath(request: IncomingMessage, pathname: string): string {
    const isSocket = pathname.includes("/socket.io")
    const message = isSocket
      ? `Socket.IO is served at ${this.basePath}/socket.io/, not at ${shorten(pathname)}. Connect to the server's address ${this.basePath === "" ? "without a path" : `with the path ${this.basePath}`}.`
      : `${request.method} ${shorten(pathname)} isn't an endpoint. ${describePaths(this.basePath)}.`
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
