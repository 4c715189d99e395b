import type { SentStep } from "@/lib/dialects/traces/assignRun"
import type { LoggedException } from "@/lib/dialects/traces/Step"
import type { SentPart, SentPrompt } from "@/lib/dialects/traces/traceReducer"

/** What one span or log record yields. */
export type OtelReading = {
  step?: SentStep
  parts?: SentPart[]
  prompt?: SentPrompt
  exception?: LoggedException
}
