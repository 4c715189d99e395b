import type { Reducer } from "@/lib/dialects/Reducer"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import type { TraceBatch } from "@/lib/dialects/traces/TraceBatch"
import type { TraceState } from "@/lib/dialects/traces/TraceState"
import { createTraceReducer } from "@/lib/dialects/traces/traceReducer"
import type { OtelRecord } from "./OtelRecord"
import { readLog } from "./readLog"
import { readSpan } from "./readSpan"

/** The records of one request, and the approximate size of their text. */
export type OtelBatch = { records: readonly OtelRecord[]; bytes: number }

/** Reads OpenTelemetry: spans and log records of all known instrumentations. */
export function createOtelDialect(settings: TraceSettings): Reducer<TraceState, OtelBatch> {
  const traces = createTraceReducer("otlp", settings)
  return { ...traces, reduce: (state, batch, now) => traces.reduce(state, readOtelBatch(batch), now) }
}

function readOtelBatch({ records, bytes }: OtelBatch): TraceBatch {
  const batch: Required<TraceBatch> = { steps: [], parts: [], prompts: [], exceptions: [], bytes }
  for (const record of records) {
    const { step, parts, prompt, exception } = record.type === "span" ? readSpan(record) : readLog(record)
    if (
      step !== undefined &&
      (step.step.trace !== "" || step.sender.sessionKey !== undefined) &&
      step.step.id !== ""
    )
      batch.steps.push(step)
    if (parts !== undefined) batch.parts.push(...parts)
    if (prompt !== undefined) batch.prompts.push(prompt)
    if (exception !== undefined) batch.exceptions.push(exception)
  }
  return batch
}
