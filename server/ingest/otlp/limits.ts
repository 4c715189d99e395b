import type { OtelRecord } from "@/lib/dialects/otel/OtelRecord"

/** Limits of an OTLP request other than its size in bytes. */
export const OTLP_LIMITS = {
  /**
   * The maximum number of spans and log records in one request. Larger requests are refused. SDKs send 512 by default.
   */
  recordsPerRequest: 20_000,
  /**
   * The maximum number of attributes of one record. Further attributes are dropped. 500 messages in OpenInference's
   * flat form are 5,000 attributes.
   */
  attributesPerRecord: 20_000,
  /** The maximum depth of an attribute value. Deeper levels are cut. */
  valueDepth: 48,
  eventsPerSpan: 2_000,
} as const

/** Thrown when a request isn't valid OTLP. Retrying it would be useless. */
export class MalformedOtlpError extends Error {}

/** Thrown when a request has too many records. */
export class TooManyRecordsError extends Error {
  constructor() {
    super(`more than ${OTLP_LIMITS.recordsPerRequest} records in one request`)
  }
}

/** The readable records of a request, and the number of those that couldn't be read. */
export type ReadRecords = { records: OtelRecord[]; broken: number }
