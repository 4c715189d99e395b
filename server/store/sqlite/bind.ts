/** A value in SQLite. Bytes are never stored: they are bound only as parameters that SQL converts to text. */
export type SqlValue = string | number | null | Uint8Array
export type SqlRow = SqlValue[]

/**
 * Checks values before they are bound: libsql aborts the process on a boolean, an object or undefined, and cuts strings at
 * NUL. Throws a TypeError instead, so that a bug only affects one operation.
 */
export function bind(values: readonly unknown[]): SqlValue[] {
  return values.map(bindOne)
}

function bindOne(value: unknown): SqlValue {
  if (value === null) return null
  if (typeof value === "string") {
    if (value.includes("\0")) throw new TypeError("A text with NUL can't be bound")
    return value
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${value} can't be bound`)
    return value
  }
  if (value instanceof Uint8Array) return value
  throw new TypeError(`A value of type ${typeof value} can't be bound`)
}

/** Returns the text in a column. Throws if the column has another type. */
export function textAt(row: SqlRow, column: number): string {
  const value = row[column]
  if (typeof value !== "string") throw new TypeError(`Column ${column} isn't text`)
  return value
}

/** Returns the number in a column. Throws if the column has another type. */
export function numberAt(row: SqlRow, column: number): number {
  const value = row[column]
  if (typeof value !== "number") throw new TypeError(`Column ${column} isn't a number`)
  return value
}

/** Returns the time in a column in the wire's format; undefined for null. */
export function timeAt(row: SqlRow, column: number): string | undefined {
  const value = row[column]
  return typeof value === "number" ? new Date(value).toISOString() : undefined
}

/** Converts a time to its stored form: milliseconds since the epoch, or null. */
export function timeValue(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time)
}
