/**
 * Arrays in PostgreSQL's binary format, in which the turns of a round are sent. The text format escapes every quote in
 * JSON, which takes three times as long on the main thread (docs/adr/0020-postgresql-driver.md).
 */
const OID = { int4: 23, int8: 20, text: 25, bool: 16 } as const
const HEADER_BYTES = 20
const NULL_LENGTH = -1

/** Encodes a `text[]` parameter. Strings must not contain NUL, which PostgreSQL can't store. */
export function textArray(values: readonly (string | null)[]): Buffer {
  const lengths = values.map((value) => (value === null ? NULL_LENGTH : Buffer.byteLength(value)))
  return encode(OID.text, lengths, (buffer, at, index) => buffer.write(values[index] ?? "", at))
}

/** Encodes an `integer[]` parameter. */
export function integerArray(values: readonly number[]): Buffer {
  const lengths = values.map(() => 4)
  return encode(OID.int4, lengths, (buffer, at, index) => buffer.writeInt32BE(values[index] ?? 0, at))
}

/** Encodes a `bigint[]` parameter. Numbers must be safe integers. */
export function bigintArray(values: readonly (number | null)[]): Buffer {
  const lengths = values.map((value) => (value === null ? NULL_LENGTH : 8))
  return encode(OID.int8, lengths, (buffer, at, index) =>
    buffer.writeBigInt64BE(BigInt(values[index] ?? 0), at),
  )
}

/** Encodes a `boolean[]` parameter. */
export function booleanArray(values: readonly boolean[]): Buffer {
  const lengths = values.map(() => 1)
  return encode(OID.bool, lengths, (buffer, at, index) => buffer.writeUInt8(values[index] ? 1 : 0, at))
}

function encode(
  oid: number,
  lengths: readonly number[],
  put: (buffer: Buffer, at: number, index: number) => void,
): Buffer {
  const bytes = lengths.reduce((sum, length) => sum + 4 + Math.max(0, length), HEADER_BYTES)
  const buffer = Buffer.allocUnsafe(bytes)
  const hasNull = lengths.includes(NULL_LENGTH) ? 1 : 0
  // The header: number of dimensions, a flag for nulls, element type, length, lower bound.
  for (const [at, word] of [1, hasNull, oid, lengths.length, 1].entries()) buffer.writeInt32BE(word, at * 4)
  let at = HEADER_BYTES
  for (const [index, length] of lengths.entries()) {
    at = buffer.writeInt32BE(length, at)
    if (length === NULL_LENGTH) continue
    put(buffer, at, index)
    at += length
  }
  return buffer
}
