import { PbfWriter } from "pbf"
import type { Json } from "@/lib/protocol/fields"

/** A span in OTLP's JSON form. */
export type SpanJson = {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: { key: string; value: ValueJson }[]
  status?: { code: number; message?: string }
}
export type ValueJson =
  | { stringValue: string }
  | { intValue: number | string }
  | { boolValue: boolean }
  | { doubleValue: number }
  | { arrayValue: { values: ValueJson[] } }
  | { kvlistValue: { values: { key: string; value: ValueJson }[] } }

export type TracesJson = {
  resourceSpans: {
    resource: { attributes: { key: string; value: ValueJson }[] }
    scopeSpans: { scope: { name: string }; spans: SpanJson[] }[]
  }[]
}

/** Converts a plain value to OTLP's JSON form. */
function otlpValue(value: Json): ValueJson {
  if (typeof value === "string") return { stringValue: value }
  if (typeof value === "boolean") return { boolValue: value }
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: value } : { doubleValue: value }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(otlpValue) } }
  return { kvlistValue: { values: otlpAttributes(value ?? {}) } }
}

export function otlpAttributes(attributes: { [name: string]: Json }) {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: otlpValue(value) }))
}

/** Encodes OTLP's JSON form as protobuf. */
export function encodeTraces({ resourceSpans }: TracesJson): Uint8Array {
  const pbf = new PbfWriter()
  for (const group of resourceSpans) pbf.writeMessage(1, writeGroup, group)
  return pbf.finish()
}

function writeGroup(group: TracesJson["resourceSpans"][number], pbf: PbfWriter): void {
  pbf.writeMessage(1, (resource, inner) => writeAttributes(1, resource.attributes, inner), group.resource)
  for (const scope of group.scopeSpans) {
    pbf.writeMessage(
      2,
      (value, inner) => {
        inner.writeMessage(1, ({ name }, named) => writeText(1, name, named), value.scope)
        for (const span of value.spans) inner.writeMessage(2, writeSpan, span)
      },
      scope,
    )
  }
}

function writeSpan(span: SpanJson, pbf: PbfWriter): void {
  writeHex(1, span.traceId, pbf)
  writeHex(2, span.spanId, pbf)
  if (span.parentSpanId !== undefined) writeHex(4, span.parentSpanId, pbf)
  writeText(5, span.name, pbf)
  writeFixed64(7, BigInt(span.startTimeUnixNano), pbf)
  writeFixed64(8, BigInt(span.endTimeUnixNano), pbf)
  writeAttributes(9, span.attributes, pbf)
  if (span.status !== undefined)
    pbf.writeMessage(
      15,
      (status, inner) => {
        if (status.message !== undefined) writeText(2, status.message, inner)
        inner.writeTag(3, 0)
        inner.writeVarint(status.code)
      },
      span.status,
    )
}

function writeAttributes(tag: number, attributes: { key: string; value: ValueJson }[], pbf: PbfWriter): void {
  for (const attribute of attributes)
    pbf.writeMessage(
      tag,
      ({ key, value }, inner) => {
        writeText(1, key, inner)
        inner.writeMessage(2, writeValue, value)
      },
      attribute,
    )
}

function writeValue(value: ValueJson, pbf: PbfWriter): void {
  if ("stringValue" in value) writeText(1, value.stringValue, pbf)
  else if ("boolValue" in value) {
    pbf.writeTag(2, 0)
    pbf.writeBoolean(value.boolValue)
  } else if ("intValue" in value) {
    pbf.writeTag(3, 0)
    pbf.writeVarint(Number(value.intValue))
  } else if ("doubleValue" in value) {
    pbf.writeTag(4, 1)
    pbf.writeDouble(value.doubleValue)
  } else if ("arrayValue" in value)
    pbf.writeMessage(
      5,
      ({ values }, inner) => {
        for (const item of values) inner.writeMessage(1, writeValue, item)
      },
      value.arrayValue,
    )
  else pbf.writeMessage(6, ({ values }, inner) => writeAttributes(1, values, inner), value.kvlistValue)
}

function writeText(tag: number, text: string, pbf: PbfWriter): void {
  pbf.writeTag(tag, 2)
  pbf.writeString(text)
}

function writeHex(tag: number, hex: string, pbf: PbfWriter): void {
  pbf.writeTag(tag, 2)
  pbf.writeBytes(Buffer.from(hex, "hex"))
}

function writeFixed64(tag: number, value: bigint, pbf: PbfWriter): void {
  pbf.writeTag(tag, 1)
  pbf.writeFixed32(Number(value & 0xffffffffn))
  pbf.writeFixed32(Number(value >> 32n))
}
