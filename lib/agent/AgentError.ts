import type { ErrorCode, Issue, WireError } from "@/lib/protocol/codes"

/** The maximum number of issues in a message. */
const MAX_ISSUES = 3

/** Error codes of an agent: those of the protocol, and those of the client library. */
export type AgentErrorCode =
  | ErrorCode
  /** `url` isn't a valid URL. */
  | "invalid_url"
  /** No connection, or no reply in time. Delivery continues. */
  | "unreachable"
  | "unsupported_protocol"
  /** The server closed the connection permanently: the token was revoked. */
  | "revoked"
  /** `maxBufferedBytes` is reached. New turns are dropped and counted. */
  | "buffer_full"
  /** A turn was too large. It was recorded without its largest fields. */
  | "turn_cut"
  /** The server refused a turn. A note replaces it. */
  | "turn_refused"
  /** The agent was closed before everything was delivered. */
  | "undelivered"
  /** This process completed the run, or closed the agent, before the call. */
  | "closed"
  /** The `reason` of `run.signal` after a viewer has requested cancellation. */
  | "cancelled"
  /** A callback of yours threw: the `redact` hook or a cancel handler. */
  | "callback_failed"

type Details = {
  run_id?: string | undefined
  dropped_turns?: number
  issues?: readonly Issue[]
  cause?: unknown
}

/** Appends the number of turns that were dropped because of an error. */
export function withDropped(message: string, turns: number): string {
  if (turns === 0) return message
  return `${message} ${turns === 1 ? "1 turn was" : `${turns} turns were`} dropped.`
}

/** Appends what the server found wrong with a payload, because not everyone logs the issues. */
export function withIssues({ message, issues = [] }: WireError): string {
  const found = issues.slice(0, MAX_ISSUES).map(({ path, message }) => `${path}: ${message}`)
  return found.length === 0 ? message : `${message} (${found.join("; ")})`
}

/**
 * An error of the client library, as `onError` receives it.
 *
 * @example
 * connectAgent({ url, token, onError: (error) => console.error(error.code, error.message, error.dropped_turns) })
 */
export class AgentError extends Error {
  override readonly name = "AgentError"
  readonly code: AgentErrorCode
  readonly run_id?: string
  /** How many turns will never reach the server because of this error. */
  readonly dropped_turns?: number
  /** What the server found wrong with the payload. */
  readonly issues?: readonly Issue[]

  constructor(code: AgentErrorCode, message: string, details: Details = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = code
    if (details.run_id !== undefined) this.run_id = details.run_id
    if (details.dropped_turns) this.dropped_turns = details.dropped_turns
    if (details.issues !== undefined && details.issues.length > 0) this.issues = details.issues
  }

  /**
   * Returns this error with a run's id.
   *
   * @internal
   */
  forRun(run_id: string | undefined): AgentError {
    if (run_id === undefined || this.run_id !== undefined) return this
    const { dropped_turns = 0, issues = [], cause } = this
    return new AgentError(this.code, this.message, { run_id, dropped_turns, issues, cause })
  }
}

/** Returns the error for a turn recorded on a run that is full or already completed. */
export function turnRefusal(isFull: boolean): AgentError {
  return isFull
    ? new AgentError("too_large", "The run has as many turns as the server allows.")
    : new AgentError("closed", "The run was completed.")
}
