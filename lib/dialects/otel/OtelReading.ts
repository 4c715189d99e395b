import type { SentStep } from "../traces/assignRun"
import type { SentPart, SentPrompt } from "../traces/traceReducer"

/** What one span or log record comes to. */
export type OtelReading = { step?: SentStep; parts?: SentPart[]; prompt?: SentPrompt }
