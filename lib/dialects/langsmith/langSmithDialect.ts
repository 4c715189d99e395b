import { asText, type JsonObject } from "@/lib/dialects/json"
import type { Reducer } from "@/lib/dialects/Reducer"
import { slugOf } from "@/lib/dialects/slugOf"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import type { Sender, Step } from "@/lib/dialects/traces/Step"
import type { TraceState } from "@/lib/dialects/traces/TraceState"
import { createTraceReducer } from "@/lib/dialects/traces/traceReducer"
import type { Json } from "@/lib/protocol/fields"
import type { LangSmithRun } from "./LangSmithRun"
import { type OpenRun, OpenRuns } from "./OpenRuns"
import { readRun } from "./readRun"

export type LangSmithBatch = { runs: readonly LangSmithRun[]; bytes: number }

export type LangSmithState = { traces: TraceState; open: OpenRuns }

/** Reads LangSmith's own protocol. Runs appear live, because they are posted when they start. */
export function createLangSmithDialect(settings: TraceSettings): Reducer<LangSmithState, LangSmithBatch> {
  const traces = createTraceReducer("langsmith", settings)
  return {
    initial: () => ({ traces: traces.initial(), open: new OpenRuns() }),
    reduce(state, batch, now) {
      const steps = batch.runs.flatMap((part) => {
        const run = merge(state, part)
        return run === undefined ? [] : [{ step: stepOf(part.id, run), sender: senderOf(run.fields) }]
      })
      const reduction = traces.reduce(state.traces, { steps, bytes: batch.bytes }, now)
      return { ...reduction, state }
    },
    advance(state, now) {
      return { operations: [], ...traces.advance?.(state.traces, now), state }
    },
    runOf: (state, trace) => traces.runOf?.(state.traces, trace),
    nextDue: (state) => traces.nextDue?.(state.traces),
    size: (state) => state.open.size + (traces.size?.(state.traces) ?? 0),
    measure: (state) => traces.measure?.(state.traces),
    evict(state, now) {
      const reduction = traces.evict?.(state.traces, now)
      return reduction === undefined ? undefined : { ...reduction, state }
    },
  }
}

/** Converts a run to a step. Lists the fields that were dropped. */
function stepOf(id: string, { fields, leftOut }: OpenRun): Step {
  const step = readRun(id, fields)
  if (Object.keys(leftOut).length > 0) step.attributes = { ...step.attributes, left_out: leftOut }
  return step
}

/** Merges a run's parts. A patch that arrives before its post is held, because it has no inputs and often no name. */
function merge(state: LangSmithState, part: LangSmithRun): OpenRun | undefined {
  const run = state.open.get(part.id)
  for (const [field, value] of Object.entries(part)) {
    if (value === undefined || value === null || field === "operation") continue
    if (isEmpty(value) && run.fields[field] !== undefined) continue
    run.fields[field] = value
  }
  if (part.operation === "post") run.isPosted = true
  else run.isPatched = true
  const isWhole = run.fields.end_time !== undefined && run.isPosted
  if (isWhole) state.open.delete(part.id)
  else state.open.keep(part.id, run)
  return run.isPosted || run.fields.inputs !== undefined ? run : undefined
}

function isEmpty(value: Json): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0
}

/** Returns the agent id of a run, which is derived from its project. */
export function langSmithAgentId(run: JsonObject): string {
  return `langsmith/${slugOf(asText(run.session_name) ?? "default", "default")}`
}

function senderOf(run: JsonObject): Sender {
  return {
    agentId: langSmithAgentId(run),
    instance: "",
    source: { name: "langsmith" },
    title: asText(run.session_name) ?? "default",
  }
}
