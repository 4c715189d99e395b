import type { TraceSettings } from "@/lib/dialects/traces/TraceSettings"
import type { BodyLimits } from "./readRequestBody"

export type IngestSettings = TraceSettings &
  BodyLimits & {
    /** The maximum size of the state of all unfinished runs, in UTF-16 code units of text. */
    maxStateBytes: number
  }
