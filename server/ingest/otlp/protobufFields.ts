import type { PbfReader } from "pbf"
import type { Json } from "@/lib/protocol/fields"
import { MalformedOtlpError, OTLP_LIMITS } from "./limits"

export type JsonObject = { [name: string]: Json }

/** Calls `read` for each field up to `end`. Fields that `read` doesn't read are skipped. */
export function fields(pbf: PbfReader, end: number, read: (tag: number, pbf: PbfReader) => void): void {
  if (end > pbf.length) throw new MalformedOtlpError("a field runs past the end of the body")
  pbf.readFields((tag) => read(tag, pbf), undefined, end)
  if (pbf.pos !== end) throw new MalformedOtlpError("a field runs past the end of its message")
}

/** Returns the end of the embedded message at the current position. */
export function endOf(pbf: PbfReader): number {
  if (pbf.type !== 2) throw new MalformedOtlpError("a field must be a message but isn't")
  return pbf.readVarint() + pbf.pos
}

export function readAttribute(pbf: PbfReader, into: JsonObject, depth = 1): void {
  let key = ""
  let value: Json = null
  fields(pbf, endOf(pbf), (tag) => {
    if (tag === 1) key = pbf.readString()
    else if (tag === 2) value = readValue(pbf, endOf(pbf), depth)
  })
  into[key] = value
}

export function readValue(pbf: PbfReader, end: number, depth: number): Json {
  let value: Json = null
  if (depth > OTLP_LIMITS.valueDepth) {
    pbf.pos = end
    return "[nested too deeply]"
  }
  fields(pbf, end, (tag) => {
    if (tag === 1) value = pbf.readString()
    else if (tag === 2) value = pbf.readBoolean()
    else if (tag === 3) value = readInt64(pbf)
    else if (tag === 4) value = readFinite(pbf.readDouble())
    else if (tag === 5) {
      const items: Json[] = []
      fields(pbf, endOf(pbf), (inner) => {
        if (inner === 1) items.push(readValue(pbf, endOf(pbf), depth + 1))
      })
      value = items
    } else if (tag === 6) {
      const object: JsonObject = Object.create(null)
      fields(pbf, endOf(pbf), (inner) => {
        if (inner === 1) readAttribute(pbf, object, depth + 1)
      })
      value = object
    } else if (tag === 7) value = Buffer.from(pbf.readBytes()).toString("base64")
  })
  return value
}

function readFinite(value: number): Json {
  return Number.isFinite(value) ? value : String(value)
}

/** Reads an int64 as a number if a double represents it exactly, otherwise as a string of digits. */
function readInt64(pbf: PbfReader): Json {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    if (pbf.pos >= pbf.length) throw new MalformedOtlpError("a number runs past the end of the body")
    const byte = pbf.buf[pbf.pos++] ?? 0
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) break
  }
  const signed = BigInt.asIntN(64, value)
  const number = Number(signed)
  return Number.isSafeInteger(number) ? number : signed.toString()
}

export function readFixed64(pbf: PbfReader): bigint {
  const low = pbf.readFixed32()
  const high = pbf.readFixed32()
  return (BigInt(high) << 32n) | BigInt(low)
}

export function readHex(pbf: PbfReader): string {
  return Buffer.from(pbf.readBytes()).toString("hex")
}
