/** What SQLite takes and gives here. Bytes are never stored: what is bound as bytes is made texts of. */
export type SqlValue = string | number | null | Uint8Array
export type SqlRow = SqlValue[]

/**
 * The only way in for values: libsql aborts the whole process on a boolean, an object or undefined, and cuts a string at NUL.
 * Throws a TypeError for each of them, so that a bug costs one operation.
 */
export function bind(values: readonly unknown[]): SqlValue[] {
  return values.map(bindOne)
}

function bindOne(value: unknown): SqlValue {
  if (value === null) return null
  if (typeof value === "string") {
    if (value.includes("\0")) throw new TypeError("A text with NUL cannot be bound")
    return value
  }
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be bound`)
    return value
  }
  if (value instanceof Uint8Array) return value
  throw new TypeError(`A value of type ${typeof value} cannot be bound`)
}

/** The text in a column that holds one. */
export function textAt(row: SqlRow, column: number): string {
  const value = row[column]
  if (typeof value !== "string") throw new TypeError(`Column ${column} holds no text`)
  return value
}

/** The number in a column that holds one. */
export function numberAt(row: SqlRow, column: number): number {
  const value = row[column]
  if (typeof value !== "number") throw new TypeError(`Column ${column} holds no number`)
  return value
}

/** The time in a column that holds ms since the epoch, as the wire writes it; undefined where there is none. */
export function timeAt(row: SqlRow, column: number): string | undefined {
  const value = row[column]
  return typeof value === "number" ? new Date(value).toISOString() : undefined
}

/** A time of the wire as it is stored: ms since the epoch, or null. */
export function timeValue(time: string | undefined): number | null {
  return time === undefined ? null : Date.parse(time)
}
