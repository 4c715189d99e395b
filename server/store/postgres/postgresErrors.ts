import { DatabaseError } from "pg"
import { StoreUnavailableError } from "@/server/store/RunStore"

/** SQLSTATEs after which a retry may succeed: unique violation, deadlock, serialization failure. */
const RETRYABLE = new Set(["23505", "40P01", "40001"])
const LOCK_NOT_AVAILABLE = "55P03"
/** SQLSTATE classes of errors that are problems of the database rather than bugs in this program. */
const UNAVAILABLE_CLASSES = /^(08|53|57|58|XX)/
const UNAVAILABLE = new Set(["25006", "25P03", LOCK_NOT_AVAILABLE, "40003", ...RETRYABLE])

/** True if the transaction should be retried. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has(sqlState(error) ?? "")
}

/** True if waiting for a row lock timed out. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === LOCK_NOT_AVAILABLE
}

/**
 * Converts an error to a `StoreUnavailableError` if it means that the database is unavailable. Other errors are bugs
 * and stay as they are.
 */
export function asStoreError(error: unknown): Error {
  if (error instanceof StoreUnavailableError) return error
  const message = error instanceof Error ? error.message : String(error)
  const state = sqlState(error)
  // Errors without an SQLSTATE come from the connection (refused, reset, timed out, ended) or are programming errors.
  const unavailable = state === undefined ? !isProgrammingError(error) : isUnavailable(state)
  if (unavailable) return new StoreUnavailableError(`The database is unavailable: ${message}`)
  return error instanceof Error ? error : new Error(message)
}

function isProgrammingError(error: unknown): boolean {
  return [TypeError, RangeError, ReferenceError, SyntaxError].some((kind) => error instanceof kind)
}

function isUnavailable(state: string): boolean {
  return UNAVAILABLE.has(state) || UNAVAILABLE_CLASSES.test(state)
}

function sqlState(error: unknown): string | undefined {
  // Only errors from the server have an SQLSTATE. Codes such as `EPIPE` come from Node.
  return error instanceof DatabaseError ? error.code : undefined
}
