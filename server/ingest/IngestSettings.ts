import type { TraceSettings } from "@/lib/dialects/traces/TraceSettings"
import type { BodyLimits } from "./readRequestBody"

export type IngestSettings = TraceSettings &
  BodyLimits & {
    /** What is kept in memory of all unfinished runs together, in UTF-16 units of text. */
    maxStateBytes: number
  }
