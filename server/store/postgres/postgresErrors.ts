import { StoreUnavailableError } from "@/server/store/RunStore"

/** SQLSTATEs after which the same transaction may succeed: a unique key was taken meanwhile, a deadlock, a serialization failure. */
const RETRYABLE = new Set(["23505", "40P01", "40001"])
const LOCK_NOT_AVAILABLE = "55P03"
/** Classes of SQLSTATE that are the database's state, not this program's mistake. */
const UNAVAILABLE_CLASSES = /^(08|53|57|58|XX)/
const UNAVAILABLE = new Set(["25006", "25P03", LOCK_NOT_AVAILABLE, "40003", ...RETRYABLE])

/** Whether the transaction that failed with this error is worth running again. */
export function isRetryable(error: unknown): boolean {
  return RETRYABLE.has(sqlState(error) ?? "")
}

/** Whether a row lock could not be had in time. */
export function isLockTimeout(error: unknown): boolean {
  return sqlState(error) === LOCK_NOT_AVAILABLE
}

/** What a store's caller gets: `StoreUnavailableError` when the database can't do it now, else the error itself, which is a bug. */
export function asStoreError(error: unknown): Error {
  if (error instanceof StoreUnavailableError) return error
  const message = error instanceof Error ? error.message : String(error)
  const state = sqlState(error)
  // Without an SQLSTATE it is the connection: refused, reset, timed out, ended.
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
  const code = error instanceof Error && "code" in error ? error.code : undefined
  return typeof code === "string" && /^[0-9A-Z]{5}$/.test(code) ? code : undefined
}
