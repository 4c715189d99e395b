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
export const CODE_SENTENCES: Record<ErrorCode, string> = {
  invalid_params: "The message is not what this command takes.",
  unauthenticated: "No valid token came with this connection.",
  forbidden: "This token does not allow that.",
  not_found: "The run doesn't exist, or you don't have access to it.",
  already_terminal: "The run has ended; nothing can be added to it.",
  index_conflict: "The run is at another cursor than expected.",
  too_large: "That is larger than the limit.",
  rate_limited: "Too many commands; slow down.",
  unavailable: "The store cannot commit at the moment; try again.",
  internal: "Something went wrong in the server.",
}

/** A path into a bad payload and what is wrong there. */
export type Issue = { path: string; message: string }

/** The error half of every acknowledgement. */
export type WireError = {
  code: ErrorCode
  message: string
  issues?: Issue[]
  /** `rate_limited`: wait this long. */
  retry_after_ms?: number
  /** `index_conflict`: the cursor that the run is at. */
  cursor?: number
  /** `already_terminal`: how the run ended. */
  status?: string
}

/** Builds an error with the code's own sentence, or with a more telling one. */
export function wireError(code: ErrorCode, message?: string, more?: Partial<WireError>): WireError {
  return { code, message: message ?? CODE_SENTENCES[code], ...more }
}
