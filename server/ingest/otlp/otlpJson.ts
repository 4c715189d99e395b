import type { Attributes, OtelLog, OtelOrigin, OtelRecord, OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import type { Redactor } from "@/server/redact/Redactor"

type StoredEvent = { name: string; attributes: Attributes; time: string }
type StoredSpan = Omit<OtelSpan, "origin" | "start" | "end" | "events"> & {
  origin: number
  start: string
  end: string
  events: StoredEvent[]
}
type StoredLog = Omit<OtelLog, "origin" | "time"> & { origin: number; time: string }

/** The stored form of records. Each origin is stored only once, and times are strings. */
export type OtlpJson = { origins: OtelOrigin[]; records: (StoredSpan | StoredLog)[] }

/** Converts records to their stored form and redacts secrets. Ids and times aren't redacted. */
export function toOtlpJson(records: readonly OtelRecord[], redactor: Redactor | undefined): OtlpJson {
  const origins: OtelOrigin[] = []
  const indices = new Map<OtelOrigin, number>()
  const clean = <T>(value: T): T => (redactor === undefined ? value : redactor.value(value))
  const placeOf = (from: OtelOrigin): number => {
    const known = indices.get(from)
    if (known !== undefined) return known
    const place = origins.push(clean(from)) - 1
    indices.set(from, place)
    return place
  }
  return {
    origins,
    records: records.map((record) =>
      record.type === "span"
        ? storedSpan(record, placeOf(record.origin), clean)
        : storedLog(record, placeOf(record.origin), clean),
    ),
  }
}

type Clean = <T>(value: T) => T

function storedSpan(span: OtelSpan, origin: number, clean: Clean): StoredSpan {
  return {
    ...span,
    ...(span.statusMessage !== undefined && { statusMessage: clean(span.statusMessage) }),
    name: clean(span.name),
    origin,
    attributes: clean(span.attributes),
    events: span.events.map((event) => ({
      name: clean(event.name),
      attributes: clean(event.attributes),
      time: String(event.time),
    })),
    start: String(span.start),
    end: String(span.end),
  }
}

function storedLog(log: OtelLog, origin: number, clean: Clean): StoredLog {
  return {
    ...log,
    name: clean(log.name),
    origin,
    body: clean(log.body),
    attributes: clean(log.attributes),
    time: String(log.time),
  }
}

/** Restores the records from the result of `toOtlpJson`. */
export function fromOtlpJson({ origins, records }: OtlpJson): OtelRecord[] {
  return records.map((record) => {
    const origin = origins[record.origin] ?? { resource: {}, scope: "" }
    if (record.type === "log") return { ...record, origin, time: BigInt(record.time) }
    const events = record.events.map((event) => ({ ...event, time: BigInt(event.time) }))
    return { ...record, origin, events, start: BigInt(record.start), end: BigInt(record.end) }
  })
}
