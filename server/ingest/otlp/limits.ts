/** Limits of an OTLP request other than its size in bytes. */
export const OTLP_LIMITS = {
  /** Spans and log records of one request; larger requests are refused. SDKs send 512 by default. */
  recordsPerRequest: 20_000,
  /** Attributes of one span; the rest is dropped. In OpenInference's flat form, 500 messages are 5,000 attributes. */
  attributesPerRecord: 20_000,
  /** Depth of an attribute value; deeper levels are cut. */
  valueDepth: 48,
  eventsPerSpan: 2_000,
} as const

/** Thrown when a request isn't valid OTLP, so that retrying it is useless. */
export class MalformedOtlpError extends Error {}

/** Thrown when a request has too many records. */
export class TooManyRecordsError extends Error {
  constructor() {
    super(`more than ${OTLP_LIMITS.recordsPerRequest} records in one request`)
  }
}
