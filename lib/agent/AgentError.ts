import type { ErrorCode, Issue } from "@/lib/protocol/codes"

/** What can go wrong for an agent: the protocol's codes, and those of this side of the wire. */
export type AgentErrorCode =
  | ErrorCode
  /** No connection, or no answer in time; delivery goes on by itself. */
  | "unreachable"
  | "unsupported_protocol"
  /** The server closed the connection for good: the token was revoked. */
  | "revoked"
  /** `maxBufferedBytes` is reached; newer turns are counted instead of kept. */
  | "buffer_full"
  /** A turn was too large; it was recorded with its largest fields left out. */
  | "turn_cut"
  /** The server refused one turn; a note stands in its place. */
  | "turn_refused"
  /** The agent was closed before everything was delivered. */
  | "undelivered"
  /** The run or the agent was closed by this process before the call. */
  | "closed"
  /** The reason of `run.signal`: a viewer asked for the run to be cancelled. */
  | "cancelled"
  /** A function handed in by the agent's author threw. */
  | "callback_failed"

/** Trouble as `onError` gets it; `dropped_turns` says how many turns will never reach the server because of it. */
export class AgentError extends Error {
  override readonly name = "AgentError"
  readonly code: AgentErrorCode
  readonly run_id?: string
  readonly dropped_turns?: number
  readonly issues?: readonly Issue[]

  constructor(
    code: AgentErrorCode,
    message: string,
    more: { run_id?: string; dropped_turns?: number; issues?: readonly Issue[]; cause?: unknown } = {},
  ) {
    super(message, more.cause === undefined ? undefined : { cause: more.cause })
    this.code = code
    if (more.run_id !== undefined) this.run_id = more.run_id
    if (more.dropped_turns !== undefined && more.dropped_turns > 0) this.dropped_turns = more.dropped_turns
    if (more.issues !== undefined && more.issues.length > 0) this.issues = more.issues
  }
  /** The same trouble, with the run that it is about. */
  about(run_id: string | undefined): AgentError {
    if (run_id === undefined || this.run_id !== undefined) return this
    const { dropped_turns = 0, issues = [], cause } = this
    return new AgentError(this.code, this.message, { run_id, dropped_turns, issues, cause })
  }
}
