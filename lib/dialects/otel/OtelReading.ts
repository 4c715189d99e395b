import type { LoggedException } from "@/lib/dialects/traces/Step"
import type { SentPart, SentPrompt, SentStep } from "@/lib/dialects/traces/TraceBatch"

/** What one span or log record yields. */
export type OtelReading = {
  step?: SentStep
  parts?: SentPart[]
  prompt?: SentPrompt
  exception?: LoggedException
}
