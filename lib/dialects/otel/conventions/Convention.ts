import type { OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import type { Step } from "@/lib/dialects/traces/Step"

/** What a convention knows about a span: its role, and whatever the common reading doesn't find. */
export type Reading = Pick<Step, "role"> & Partial<Omit<Step, "role" | "trace" | "id" | "parent" | "start">>

/** Reads the spans of one instrumentation. Returns undefined for spans of others. */
export type Convention = (span: OtelSpan) => Reading | undefined
