import type { Json } from "@/lib/protocol/fields"

/** Attribute name → value. Has a null prototype, so that a key such as `__proto__` is plain data. */
export type Attributes = { readonly [name: string]: Json | undefined }

/** The sender of a record: the resource's attributes and the instrumentation scope. */
export type OtelOrigin = { resource: Attributes; scope: string; scopeVersion?: string }

export type OtelEvent = { name: string; time: bigint; attributes: Attributes }

/** A span as OTLP delivers it: ids in lower-case hex, times in nanoseconds since the epoch. */
export type OtelSpan = {
  type: "span"
  origin: OtelOrigin
  traceId: string
  spanId: string
  parentId?: string
  /** True if the sender says that the parent belongs to another process. */
  parentIsRemote?: boolean
  name: string
  /** OTLP's number of the kind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer; 0 if absent. */
  kind: number
  start: bigint
  end: bigint
  attributes: Attributes
  events: readonly OtelEvent[]
  /** OTLP's status code: 0 unset, 1 OK, 2 error. */
  status: number
  statusMessage?: string
}

export type OtelLog = {
  type: "log"
  origin: OtelOrigin
  traceId?: string
  spanId?: string
  /** `event_name`, else the attribute `event.name`, else a text body; empty if there is none of these. */
  name: string
  time: bigint
  body: Json
  attributes: Attributes
  severity: number
}

export type OtelRecord = OtelSpan | OtelLog
