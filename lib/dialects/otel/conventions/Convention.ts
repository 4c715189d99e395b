import type { OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import type { Step } from "@/lib/dialects/traces/Step"

/** What a convention knows about a span: its role, and fields that aren't read the same way for all conventions. */
export type Reading = Pick<Step, "role"> & Partial<Omit<Step, "role" | "trace" | "id" | "parent" | "start">>

/** Reads the spans of one instrumentation. Returns undefined for all other spans. */
export type Convention = (span: OtelSpan) => Reading | undefined
