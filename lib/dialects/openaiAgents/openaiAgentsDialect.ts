import { BoundedMap } from "@/lib/dialects/BoundedMap"
import { asObject, asText, type JsonObject } from "@/lib/dialects/json"
import type { Reducer } from "@/lib/dialects/Reducer"
import { slugOf } from "@/lib/dialects/slugOf"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import type { Sender, Step } from "@/lib/dialects/traces/Step"
import type { SentPrompt, SentStep } from "@/lib/dialects/traces/TraceBatch"
import type { TraceState } from "@/lib/dialects/traces/TraceState"
import { createTraceReducer } from "@/lib/dialects/traces/traceReducer"
import type { Json } from "@/lib/protocol/fields"
import { readItem } from "./readItem"

/** The objects of one request, as received. */
export type OpenAIAgentsBatch = { items: readonly Json[]; bytes: number }
type TraceInfo = { workflow: string; session?: string }
export type OpenAIAgentsState = { traces: TraceState; info: BoundedMap<string, TraceInfo> }

const MAX_TRACES = 20_000
const MAX_NAME = 500
/** Approximate memory for a trace. */
const INFO_SIZE = 200
/** The SDK's own default for a workflow's name. */
const DEFAULT_WORKFLOW = "Agent workflow"

/** Reads OpenAI Agents' own trace exporter: finished spans every 5 s, after a `trace` with the workflow's name. */
export function createOpenAIAgentsDialect(
  settings: TraceSettings,
): Reducer<OpenAIAgentsState, OpenAIAgentsBatch> {
  const traces = createTraceReducer("openai-agents", settings)
  return {
    initial: () => ({ traces: traces.initial(), info: new BoundedMap(MAX_TRACES) }),
    reduce(state, batch, now) {
      const steps: SentStep[] = []
      const prompts: SentPrompt[] = []
      for (const raw of batch.items) {
        const item = asObject(raw)
        if (item === undefined) continue
        if (item.object === "trace") prompts.push(...readTrace(state, item))
        else {
          const step = readItem(item)
          if (step !== undefined)
            steps.push({ step: withSession(state, step), sender: senderOf(state, step.trace) })
        }
      }
      return { ...traces.reduce(state.traces, { steps, prompts, bytes: batch.bytes }, now), state }
    },
    advance(state, now) {
      return { operations: [], ...traces.advance?.(state.traces, now), state }
    },
    runOf: (state, trace) => traces.runOf?.(state.traces, trace),
    nextDue: (state) => traces.nextDue?.(state.traces),
    size: (state) => state.info.size * INFO_SIZE + (traces.size?.(state.traces) ?? 0),
    measure: (state) => traces.measure?.(state.traces),
    evict(state, now) {
      const reduction = traces.evict?.(state.traces, now)
      return reduction === undefined ? undefined : { ...reduction, state }
    },
  }
}

/** Starts a trace's run. The trace object has no times, so the run's start is that of its first span. */
function readTrace(state: OpenAIAgentsState, item: JsonObject): SentPrompt[] {
  const trace = asText(item.id)
  if (trace === undefined || state.info.has(trace)) return []
  const info: TraceInfo = { workflow: asText(item.workflow_name)?.slice(0, MAX_NAME) ?? DEFAULT_WORKFLOW }
  const session = asText(item.group_id)?.slice(0, MAX_NAME)
  if (session !== undefined) info.session = session
  state.info.set(trace, info)
  const prompt: SentPrompt = { sender: senderOf(state, trace), trace, text: undefined, at: 0n }
  return [session === undefined ? prompt : { ...prompt, session }]
}

function withSession(state: OpenAIAgentsState, step: Step): Step {
  const session = state.info.get(step.trace)?.session
  return session === undefined ? step : { ...step, session }
}

function senderOf(state: OpenAIAgentsState, trace: string): Sender {
  const workflow = state.info.get(trace)?.workflow ?? DEFAULT_WORKFLOW
  return {
    agentId: openAIAgentsAgentId(workflow),
    instance: "",
    source: { name: "openai-agents" },
    title: workflow,
  }
}

/** Returns the agent id of a trace. */
export function openAIAgentsAgentId(workflow: string): string {
  return `openai-agents/${slugOf(workflow, "workflow")}`
}
