import { BoundedMap } from "@/lib/dialects/BoundedMap"
import type { Reducer } from "@/lib/dialects/Reducer"
import type { Sender } from "@/lib/dialects/traces/Step"
import type { TraceSettings } from "@/lib/dialects/traces/TraceSettings"
import type { TraceState } from "@/lib/dialects/traces/TraceState"
import { createTraceReducer } from "@/lib/dialects/traces/traceReducer"
import { asText, type JsonObject, slugOf } from "@/lib/dialects/values"
import type { Json } from "@/lib/protocol/fields"
import type { LangSmithRun } from "./LangSmithRun"
import { readRun } from "./readRun"

export type LangSmithBatch = { runs: readonly LangSmithRun[]; bytes: number }

/** The parts of a run that hasn't ended. The post has its inputs, the patch its outputs; they arrive in any order. */
type OpenRun = { fields: { [field: string]: Json | undefined }; isPosted: boolean; isPatched: boolean }
export type LangSmithState = { traces: TraceState; open: BoundedMap<string, OpenRun> }

const MAX_OPEN_RUNS = 20_000

/** Reads LangSmith's own protocol. Runs appear live, because they are posted when they start. */
export function createLangSmithDialect(settings: TraceSettings): Reducer<LangSmithState, LangSmithBatch> {
  const traces = createTraceReducer("langsmith", settings)
  return {
    initial: () => ({ traces: traces.initial(), open: new BoundedMap(MAX_OPEN_RUNS) }),
    reduce(state, batch, now) {
      const steps = batch.runs.flatMap((part) => {
        const run = merge(state, part)
        return run === undefined ? [] : [{ step: readRun(part.id, run.fields), sender: senderOf(run.fields) }]
      })
      const reduction = traces.reduce(state.traces, { steps, bytes: batch.bytes }, now)
      return { ...reduction, state }
    },
    advance(state, now) {
      return { operations: [], ...traces.advance?.(state.traces, now), state }
    },
    runOf: (state, trace) => traces.runOf?.(state.traces, trace),
    nextDue: (state) => traces.nextDue?.(state.traces),
  }
}

/** Merges a run's parts. A patch is held until its post arrives: it has no inputs and often no name. */
function merge(state: LangSmithState, part: LangSmithRun): OpenRun | undefined {
  const run: OpenRun = state.open.get(part.id) ?? { fields: {}, isPosted: false, isPatched: false }
  for (const [field, value] of Object.entries(part)) {
    if (value === undefined || value === null || field === "operation") continue
    if (isEmpty(value) && run.fields[field] !== undefined) continue
    run.fields[field] = value
  }
  if (part.operation === "post") run.isPosted = true
  else run.isPatched = true
  const isWhole = run.fields.end_time !== undefined && run.isPosted
  if (isWhole) state.open.delete(part.id)
  else state.open.set(part.id, run)
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
