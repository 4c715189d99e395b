/** Bounds of one OTLP request beyond its size in bytes; a sender that exceeds one is asked to split its requests. */
export const OTLP_LIMITS = {
  /** Spans and log records of one request. SDKs send 512 by default; the smallest span takes about 40 bytes. */
  recordsPerRequest: 20_000,
  /** Attributes of one span; further ones are dropped. A conversation of 500 messages in OpenInference's flat form takes 5,000. */
  attributesPerRecord: 20_000,
  /** Levels of a nested attribute value; deeper ones are cut. */
  valueDepth: 48,
  eventsPerSpan: 2_000,
} as const

/** The request can't be read. Not retryable. */
export class MalformedOtlpError extends Error {}

/** The request holds more records than one request may. */
export class TooManyRecordsError extends Error {
  constructor() {
    super(`more than ${OTLP_LIMITS.recordsPerRequest} records in one request`)
  }
}
