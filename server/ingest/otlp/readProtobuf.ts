import { PbfReader } from "pbf"
import type { OtelEvent, OtelLog, OtelOrigin, OtelRecord, OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import { MalformedOtlpError, OTLP_LIMITS, type ReadRecords, TooManyRecordsError } from "./limits"
import {
  endOf,
  fields,
  type JsonObject,
  readAttribute,
  readFixed64,
  readHex,
  readValue,
} from "./protobufFields"

type Signal = "traces" | "logs"

/**
 * Reads an `ExportTraceServiceRequest` or `ExportLogsServiceRequest`. In both, a request contains resources, which
 * contain scopes, which contain records. Reads field by field instead of using a generated class, so that the number of
 * records and attributes and the depth of values are limited while reading, and 64-bit times keep their digits.
 *
 * Skips and counts records that can't be read.
 *
 * @throws {MalformedOtlpError} when the body isn't such a message, or none of its records can be read.
 * @throws {TooManyRecordsError}
 */
export function readProtobuf(body: Uint8Array, signal: Signal): ReadRecords {
  const read: ReadRecords = { records: [], broken: 0 }
  try {
    fields(new PbfReader(body), body.length, (tag, pbf) => {
      if (tag === 1) readResource(pbf, endOf(pbf), signal, read)
    })
  } catch (error) {
    if (error instanceof TooManyRecordsError || error instanceof MalformedOtlpError) throw error
    throw new MalformedOtlpError("invalid protobuf", { cause: error })
  }
  if (read.records.length === 0 && read.broken > 0) throw new MalformedOtlpError("it has no readable record")
  return read
}

function readResource(pbf: PbfReader, end: number, signal: Signal, read: ReadRecords): void {
  const resource: JsonObject = Object.create(null)
  const scopes: { at: number; end: number }[] = []
  fields(pbf, end, (tag) => {
    if (tag === 1)
      fields(pbf, endOf(pbf), (inner) => {
        if (inner === 1) readAttribute(pbf, resource)
      })
    // The resource may come after its scopes, so the scopes are read once it is known.
    else if (tag === 2) {
      const scopeEnd = endOf(pbf)
      scopes.push({ at: pbf.pos, end: scopeEnd })
      pbf.pos = scopeEnd
    }
  })
  for (const scope of scopes) {
    pbf.pos = scope.at
    readScope(pbf, scope.end, { resource, scope: "" }, signal, read)
  }
  pbf.pos = end
}

function readScope(pbf: PbfReader, end: number, origin: OtelOrigin, signal: Signal, read: ReadRecords): void {
  fields(pbf, end, (tag) => {
    if (tag === 1)
      fields(pbf, endOf(pbf), (inner) => {
        if (inner === 1) origin.scope = pbf.readString()
        else if (inner === 2) origin.scopeVersion = pbf.readString()
      })
    else if (tag === 2) {
      if (read.records.length >= OTLP_LIMITS.recordsPerRequest) throw new TooManyRecordsError()
      const recordEnd = endOf(pbf)
      if (recordEnd > end) throw new MalformedOtlpError("a record runs past the end of its scope")
      const record = readRecord(pbf, recordEnd, origin, signal)
      if (record === undefined) read.broken++
      else read.records.push(record)
      pbf.pos = recordEnd
    }
  })
}

/** Returns undefined for a record that can't be read. The length before it shows where the next one starts. */
function readRecord(pbf: PbfReader, end: number, origin: OtelOrigin, signal: Signal): OtelRecord | undefined {
  try {
    return signal === "traces" ? readSpan(pbf, end, origin) : readLog(pbf, end, origin)
  } catch {
    return undefined
  }
}

function readSpan(pbf: PbfReader, end: number, origin: OtelOrigin): OtelSpan {
  const attributes: JsonObject = Object.create(null)
  const events: OtelEvent[] = []
  const span: OtelSpan = {
    type: "span",
    origin,
    traceId: "",
    spanId: "",
    name: "",
    kind: 0,
    start: 0n,
    end: 0n,
    attributes,
    events,
    status: 0,
  }
  const bound = { attributes: 0 }
  fields(pbf, end, (tag) => {
    if (tag === 1) span.traceId = readHex(pbf)
    else if (tag === 2) span.spanId = readHex(pbf)
    else if (tag === 4) {
      const parent = readHex(pbf)
      if (!/^0*$/.test(parent)) span.parentId = parent
    } else if (tag === 5) span.name = pbf.readString()
    else if (tag === 6) span.kind = pbf.readVarint()
    else if (tag === 7) span.start = readFixed64(pbf)
    else if (tag === 8) span.end = readFixed64(pbf)
    else if (tag === 9) readBounded(pbf, attributes, bound)
    else if (tag === 11 && events.length < OTLP_LIMITS.eventsPerSpan)
      events.push(readEvent(pbf, endOf(pbf), bound))
    else if (tag === 16) span.parentIsRemote = isRemote(pbf.readFixed32())
    else if (tag === 15)
      fields(pbf, endOf(pbf), (inner) => {
        if (inner === 2) span.statusMessage = pbf.readString()
        else if (inner === 3) span.status = pbf.readVarint()
      })
  })
  return span
}

function readEvent(pbf: PbfReader, end: number, bound: { attributes: number }): OtelEvent {
  const attributes: JsonObject = Object.create(null)
  const event = { name: "", time: 0n, attributes }
  fields(pbf, end, (tag) => {
    if (tag === 1) event.time = readFixed64(pbf)
    else if (tag === 2) event.name = pbf.readString()
    else if (tag === 3) readBounded(pbf, attributes, bound)
  })
  return event
}

function readLog(pbf: PbfReader, end: number, origin: OtelOrigin): OtelLog {
  const attributes: JsonObject = Object.create(null)
  const log: OtelLog = { type: "log", origin, name: "", time: 0n, body: null, attributes, severity: 0 }
  const bound = { attributes: 0 }
  let observed = 0n
  fields(pbf, end, (tag) => {
    if (tag === 1) log.time = readFixed64(pbf)
    else if (tag === 2) log.severity = pbf.readVarint()
    else if (tag === 5) log.body = readValue(pbf, endOf(pbf), 1)
    else if (tag === 6) readBounded(pbf, attributes, bound)
    else if (tag === 9) log.traceId = readHex(pbf)
    else if (tag === 10) log.spanId = readHex(pbf)
    else if (tag === 11) observed = readFixed64(pbf)
    else if (tag === 12) log.name = pbf.readString()
  })
  if (log.time === 0n) log.time = observed
  return log
}

function readBounded(pbf: PbfReader, into: JsonObject, bound: { attributes: number }): void {
  bound.attributes++
  if (bound.attributes <= OTLP_LIMITS.attributesPerRecord) readAttribute(pbf, into)
}

/** Bit 9 is set if the parent is remote; it is only valid if bit 8 is set, too. */
function isRemote(flags: number): boolean {
  return (flags & 0x300) === 0x300
}
