import type { TraceSettings } from "@/lib/dialects/traces/TraceSettings"
import type { BodyLimits } from "./readRequestBody"

export type IngestSettings = TraceSettings & BodyLimits
