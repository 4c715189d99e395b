import type { OtelEvent, OtelLog, OtelOrigin, OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import type { Json } from "@/lib/protocol/fields"
import { withoutMark } from "@/server/ingest/parseBody"
import { MalformedOtlpError, OTLP_LIMITS, type ReadRecords, TooManyRecordsError } from "./limits"

type JsonObject = { [name: string]: Json }
type Raw = { readonly [name: string]: unknown }

/**
 * Reads OTLP's JSON form. Skips and counts records that aren't objects. Accepts what senders use in practice: ids in
 * hex or base64, integers as strings or numbers, enums as numbers or names, field names in camel case or as in the
 * .proto file.
 *
 * @throws {MalformedOtlpError} if the text isn't an OTLP message, or none of its records can be read.
 * @throws {TooManyRecordsError}
 */
export function readJson(text: string, signal: "traces" | "logs"): ReadRecords {
  let body: unknown
  try {
    body = JSON.parse(quoteLongIntegers(withoutMark(text)))
  } catch (error) {
    throw new MalformedOtlpError("invalid JSON", { cause: error })
  }
  if (!isRaw(body)) throw new MalformedOtlpError("it must be a JSON object")
  const groups =
    signal === "traces"
      ? pick(body, "resourceSpans", "resource_spans")
      : pick(body, "resourceLogs", "resource_logs")
  if (groups !== undefined && !Array.isArray(groups))
    throw new MalformedOtlpError(`${signal === "traces" ? "resourceSpans" : "resourceLogs"} must be a list`)
  const read: ReadRecords = { records: [], broken: 0 }
  const { records } = read
  for (const group of counted(groups, read)) {
    const resource = attributesOf(isRaw(group.resource) ? group.resource.attributes : undefined)
    const scopes =
      signal === "traces"
        ? (pick(group, "scopeSpans", "scope_spans") ?? group.instrumentationLibrarySpans)
        : pick(group, "scopeLogs", "scope_logs")
    for (const scope of counted(scopes, read)) {
      const origin = originOf(scope, resource)
      const items = signal === "traces" ? scope.spans : pick(scope, "logRecords", "log_records")
      for (const item of counted(items, read)) {
        if (records.length >= OTLP_LIMITS.recordsPerRequest) throw new TooManyRecordsError()
        records.push(signal === "traces" ? readSpan(item, origin) : readLog(item, origin))
      }
    }
  }
  if (records.length === 0 && read.broken > 0) throw new MalformedOtlpError("it has no readable record")
  return read
}

/** Returns the objects of a list, and counts everything else as broken. */
function counted(raw: unknown, read: ReadRecords): Raw[] {
  if (raw === undefined || raw === null) return []
  const objects = list(raw)
  read.broken += Array.isArray(raw) ? raw.length - objects.length : 1
  return objects
}

/** Matches integers of 16 or more digits. Also matches strings, so that integers in strings are skipped. */
const LONG_INTEGER = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![.\d])-?\d{16,}(?![.\deE])/g

/** Quotes integers that a double may not represent exactly, so that nanoseconds keep their digits. */
function quoteLongIntegers(text: string): string {
  if (!/[:[,]\s*-?\d{16}/.test(text)) return text
  return text.replace(LONG_INTEGER, (match) => (match.startsWith('"') ? match : `"${match}"`))
}

function originOf(scope: Raw, resource: JsonObject): OtelOrigin {
  const given = isRaw(scope.scope) ? scope.scope : scope.instrumentationLibrary
  const origin: OtelOrigin = { resource, scope: isRaw(given) ? textOf(given.name) : "" }
  if (isRaw(given) && typeof given.version === "string") origin.scopeVersion = given.version
  return origin
}

function readSpan(raw: Raw, origin: OtelOrigin): OtelSpan {
  const status = isRaw(raw.status) ? raw.status : {}
  const bound = { attributes: 0 }
  const span: OtelSpan = {
    type: "span",
    origin,
    traceId: idOf(pick(raw, "traceId", "trace_id"), 16),
    spanId: idOf(pick(raw, "spanId", "span_id"), 8),
    name: textOf(raw.name),
    kind: enumOf(raw.kind, SPAN_KINDS),
    start: nanosOf(pick(raw, "startTimeUnixNano", "start_time_unix_nano")),
    end: nanosOf(pick(raw, "endTimeUnixNano", "end_time_unix_nano")),
    attributes: attributesOf(raw.attributes, bound),
    events: list(raw.events)
      .slice(0, OTLP_LIMITS.eventsPerSpan)
      .map((event) => readEvent(event, bound)),
    status: enumOf(status.code, STATUS_CODES),
  }
  const parent = idOf(pick(raw, "parentSpanId", "parent_span_id"), 8)
  if (!/^0*$/.test(parent)) span.parentId = parent
  // Bit 9 is set if the parent is remote; it is only valid if bit 8 is set, too.
  if (typeof raw.flags === "number" && (raw.flags & 0x300) === 0x300) span.parentIsRemote = true
  if (typeof status.message === "string" && status.message !== "") span.statusMessage = status.message
  return span
}

function readEvent(raw: Raw, bound: { attributes: number }): OtelEvent {
  return {
    name: textOf(raw.name),
    time: nanosOf(pick(raw, "timeUnixNano", "time_unix_nano")),
    attributes: attributesOf(raw.attributes, bound),
  }
}

function readLog(raw: Raw, origin: OtelOrigin): OtelLog {
  const time = nanosOf(pick(raw, "timeUnixNano", "time_unix_nano"))
  const log: OtelLog = {
    type: "log",
    origin,
    name: textOf(pick(raw, "eventName", "event_name")),
    time: time === 0n ? nanosOf(pick(raw, "observedTimeUnixNano", "observed_time_unix_nano")) : time,
    body: toJson(raw.body, 1),
    attributes: attributesOf(raw.attributes),
    severity: enumOf(pick(raw, "severityNumber", "severity_number"), []),
  }
  const traceId = idOf(pick(raw, "traceId", "trace_id"), 16)
  const spanId = idOf(pick(raw, "spanId", "span_id"), 8)
  if (!/^0*$/.test(traceId)) log.traceId = traceId
  if (!/^0*$/.test(spanId)) log.spanId = spanId
  return log
}

function attributesOf(raw: unknown, bound = { attributes: 0 }, depth = 1): JsonObject {
  const attributes: JsonObject = Object.create(null)
  for (const item of list(raw)) {
    if (++bound.attributes > OTLP_LIMITS.attributesPerRecord) break
    if (typeof item.key === "string") attributes[item.key] = toJson(item.value, depth)
  }
  return attributes
}

function toJson(raw: unknown, depth: number): Json {
  if (!isRaw(raw)) return null
  if (depth > OTLP_LIMITS.valueDepth) return "[nested too deeply]"
  const text = pick(raw, "stringValue", "string_value")
  if (text !== undefined) return textOf(text)
  const flag = pick(raw, "boolValue", "bool_value")
  if (flag !== undefined) return flag === true || flag === "true"
  const integer = pick(raw, "intValue", "int_value")
  if (integer !== undefined) return integerOf(integer)
  const double = pick(raw, "doubleValue", "double_value")
  if (double !== undefined) return typeof double === "number" ? double : numberOr(textOf(double))
  const array = pick(raw, "arrayValue", "array_value")
  if (isRaw(array)) return list(array.values).map((item) => toJson(item, depth + 1))
  const map = pick(raw, "kvlistValue", "kvlist_value")
  if (isRaw(map)) return attributesOf(map.values, undefined, depth + 1)
  const bytes = pick(raw, "bytesValue", "bytes_value")
  return bytes === undefined ? null : textOf(bytes)
}

/** Returns an integer as a number if a double represents it exactly, otherwise as a string of digits. */
function integerOf(raw: unknown): Json {
  if (typeof raw === "number") return raw
  const text = textOf(raw)
  return numberOr(text)
}

function numberOr(text: string): Json {
  const number = Number(text)
  if (text.trim() === "" || !Number.isFinite(number)) return text
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number
}

const SPAN_KINDS = [
  "SPAN_KIND_UNSPECIFIED",
  "SPAN_KIND_INTERNAL",
  "SPAN_KIND_SERVER",
  "SPAN_KIND_CLIENT",
  "SPAN_KIND_PRODUCER",
  "SPAN_KIND_CONSUMER",
]
const STATUS_CODES = ["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"]

function enumOf(raw: unknown, names: readonly string[]): number {
  if (typeof raw === "number") return raw
  if (typeof raw !== "string") return 0
  const index = names.indexOf(raw)
  if (index >= 0) return index
  const number = Number(raw)
  return Number.isInteger(number) ? number : 0
}

function nanosOf(raw: unknown): bigint {
  if (typeof raw === "number") return Number.isFinite(raw) && raw > 0 ? BigInt(Math.trunc(raw)) : 0n
  return typeof raw === "string" && /^\d{1,20}$/.test(raw) ? BigInt(raw) : 0n
}

/** Returns an id of `bytes` bytes in lower-case hex. Accepts hex and base64. */
function idOf(raw: unknown, bytes: number): string {
  if (typeof raw !== "string" || raw === "") return ""
  if (raw.length === bytes * 2 && /^[0-9a-fA-F]+$/.test(raw)) return raw.toLowerCase()
  const decoded = Buffer.from(raw, "base64")
  return decoded.length === bytes ? decoded.toString("hex") : ""
}

function pick(raw: Raw, camel: string, snake: string): unknown {
  return raw[camel] ?? raw[snake]
}

function list(raw: unknown): Raw[] {
  return Array.isArray(raw) ? raw.filter(isRaw) : []
}

function isRaw(value: unknown): value is Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}
