const ERROR_CODES = [
  "invalid_params",
  "unauthenticated",
  "forbidden",
  "not_found",
  "already_terminal",
  "index_conflict",
  "too_large",
  "rate_limited",
  "unavailable",
  "internal",
] as const
export type ErrorCode = (typeof ERROR_CODES)[number]

/** Why a batch of turns was not appended. */
export type DropReason =
  | "run_not_found"
  | "run_terminal"
  | "run_turn_limit"
  | "turn_too_large"
  | "index_conflict"

/** The default message of each code; a more specific one may replace it. */
export const CODE_MESSAGES: Record<ErrorCode, string> = {
  invalid_params: "Invalid command payload.",
  unauthenticated: "The token is missing or invalid.",
  forbidden: "This token doesn't allow that.",
  not_found: "The run doesn't exist, or you don't have access to it.",
  already_terminal: "The run has ended and accepts no more changes.",
  index_conflict: "The run's cursor doesn't match the expected index.",
  too_large: "The payload exceeds the size limit.",
  rate_limited: "Too many commands. Slow down.",
  unavailable: "The store can't commit at the moment. Try again.",
  internal: "Internal server error.",
}

/** A path in an invalid payload, and what is wrong there. */
export type Issue = { path: string; message: string }

/** An error, as sent to clients. */
export type WireError = {
  code: ErrorCode
  message: string
  issues?: Issue[]
  /** `rate_limited`: how long to wait. */
  retry_after_ms?: number
  /** `index_conflict`: the run's cursor. */
  cursor?: number
  /** `already_terminal`: how the run ended. */
  status?: string
}

/** Builds an error with the code's default message, or with a more specific one. */
export function wireError(code: ErrorCode, message?: string, more?: Partial<WireError>): WireError {
  return { code, message: message ?? CODE_MESSAGES[code], ...more }
}
