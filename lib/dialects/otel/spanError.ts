import { asFlag } from "@/lib/dialects/json"
import type { StepError } from "@/lib/dialects/traces/Step"
import { pickText } from "./attributes"
import type { OtelSpan } from "./OtelRecord"

/**
 * Returns what went wrong in a span: its exception, its error status, or a sender's own marker. Status OK means that
 * the span succeeded, except for LangSmith, which also sets it on failed runs.
 */
export function spanError(span: OtelSpan): StepError | undefined {
  const { attributes } = span
  const isLangSmith = attributes["langsmith.span.kind"] !== undefined
  const exception = span.events.findLast((event) => event.name === "exception")?.attributes
  const hasFailed =
    span.status === 2 ||
    attributes["langfuse.observation.level"] === "ERROR" ||
    asFlag(attributes.success) === false ||
    (span.status !== 1 &&
      (attributes["error.type"] !== undefined || attributes["error.message"] !== undefined)) ||
    (exception !== undefined && (span.status === 0 || isLangSmith))
  if (!hasFailed) return undefined
  const message =
    (exception && pickText(exception, "exception.message")) ??
    span.statusMessage ??
    pickText(attributes, "langfuse.observation.status_message", "error.message", "error", "error_message")
  const type =
    (exception && pickText(exception, "exception.type")) ?? pickText(attributes, "error.type", "error_class")
  const stack = exception && pickText(exception, "exception.stacktrace")
  const error: StepError = { message: message ?? type ?? "failed" }
  if (type !== undefined && type !== error.message) error.type = type
  if (stack !== undefined) error.stack = stack
  return withoutTrailingStack(error)
}

/** Separates the stack that some senders append to the message after an empty line. */
function withoutTrailingStack(error: StepError): StepError {
  const cut = error.message.indexOf("\n\n")
  if (cut < 0 || !error.message.includes("\n    at ", cut)) return error
  const stack = error.stack ?? error.message.slice(cut).trim()
  return { ...error, message: error.message.slice(0, cut), stack }
}
