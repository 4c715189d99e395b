import type { OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import type { Step } from "@/lib/dialects/traces/Step"

/** What a convention says of a span: its role and whatever the common reading doesn't find. */
export type Reading = Pick<Step, "role"> & Partial<Omit<Step, "role" | "trace" | "id" | "parent" | "start">>

/** Reads the spans of one instrumentation; undefined for spans that aren't its own. */
export type Convention = (span: OtelSpan) => Reading | undefined
