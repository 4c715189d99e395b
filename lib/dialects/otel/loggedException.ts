import { digest } from "@/lib/dialects/digest"
import { asText } from "@/lib/dialects/json"
import type { LoggedException, StepError } from "@/lib/dialects/traces/Step"
import { pickText } from "./attributes"
import type { OtelLog } from "./OtelRecord"

/** The number of the severity ERROR in OTLP. */
const ERROR = 17

/**
 * Returns the exception of a log record with the severity ERROR or higher, as `log.exception(…)` writes it. A record
 * without a trace isn't read, because it isn't known to which run it belongs.
 */
export function loggedException(log: OtelLog): LoggedException | undefined {
  const { attributes, traceId, spanId, severity, time } = log
  if (traceId === undefined || !isError(severity, log.name)) return undefined
  const type = pickText(attributes, "exception.type")
  const message = pickText(attributes, "exception.message") ?? type
  if (message === undefined) return undefined
  const error: StepError = { message }
  if (type !== undefined && type !== message) error.type = type
  const stack = pickText(attributes, "exception.stacktrace")
  if (stack !== undefined) error.stack = stack
  const text = asText(log.body)
  const logger = asText(log.origin.scope)
  return {
    id: digest(JSON.stringify([traceId, spanId, String(time), text, type, message])),
    trace: traceId,
    at: time,
    error,
    ...(spanId !== undefined && { span: spanId }),
    ...(text !== undefined && { text }),
    ...(logger !== undefined && { logger }),
  }
}

/** Returns true for an error's severity, or for an exception event, which newer SDKs log without a severity. */
function isError(severity: number, name: string): boolean {
  return severity >= ERROR || (severity === 0 && name === "exception")
}
