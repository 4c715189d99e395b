import type { RunKey } from "@/lib/dialects/operations"
import type { RunState } from "./RunState"
import type { Step } from "./Step"

/** The state of a trace dialect. The insertion order of `runs` is the order of last use. */
export type TraceState = {
  runs: Map<RunKey, RunState>
  runOfTrace: Map<string, RunKey>
  /** Steps of traces without an AI step so far. An application's root span may arrive before or after those. */
  context: Map<string, Step[]>
  /** Digest of a call's entire input → the run whose last call had this input. */
  runOfHistory: Map<string, RunKey>
  runOfConversation: Map<string, RunKey>
  runOfInstance: Map<string, RunKey>
}

export function createTraceState(): TraceState {
  return {
    runs: new Map(),
    runOfTrace: new Map(),
    context: new Map(),
    runOfHistory: new Map(),
    runOfConversation: new Map(),
    runOfInstance: new Map(),
  }
}

const MAX_CONTEXT_TRACES = 10_000
const MAX_CONTEXT_STEPS = 64
const MAX_INDEX = 50_000

export function keepContext(state: TraceState, step: Step): void {
  const steps = state.context.get(step.trace) ?? []
  if (steps.length < MAX_CONTEXT_STEPS) steps.push(step)
  touch(state.context, step.trace, steps, MAX_CONTEXT_TRACES)
}

/** Inserts or moves a map's entry as its newest, and drops the oldest beyond `max`. */
export function touch<Value>(map: Map<string, Value>, key: string, value: Value, max = MAX_INDEX): void {
  map.delete(key)
  map.set(key, value)
  for (const oldest of map.keys()) {
    if (map.size <= max) return
    map.delete(oldest)
  }
}
