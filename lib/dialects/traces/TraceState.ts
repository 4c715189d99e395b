import type { RunKey } from "@/lib/dialects/operations"
import { sizeOf } from "@/lib/dialects/sizeOf"
import type { LoggedException, Step } from "./Step"
import type { TracedRun } from "./TracedRun"

/** The state of a trace dialect. The insertion order of `runs` is the order of last use. */
export type TraceState = {
  runs: Map<RunKey, TracedRun>
  runOfTrace: Map<string, RunKey>
  /** Steps of traces without an AI step so far. An application's root span may arrive before or after the AI steps. */
  context: Map<string, Step[]>
  /** The number of steps in `context`. */
  contextSteps: number
  /** Logged exceptions of traces that have no run yet. */
  exceptions: Map<string, readonly LoggedException[]>
  /** The size of `exceptions`. */
  exceptionsSize: number
  /** Digest of a call's whole input → the run whose last call had this input. */
  runOfHistory: Map<string, RunKey>
  runOfConversation: Map<string, RunKey>
  runOfInstance: Map<string, RunKey>
}

export function createTraceState(): TraceState {
  return {
    runs: new Map(),
    runOfTrace: new Map(),
    context: new Map(),
    contextSteps: 0,
    exceptions: new Map(),
    exceptionsSize: 0,
    runOfHistory: new Map(),
    runOfConversation: new Map(),
    runOfInstance: new Map(),
  }
}

const MAX_CONTEXT_STEPS = 20_000
const MAX_CONTEXT_STEPS_OF_TRACE = 64
const MAX_CONTEXT_NAME = 200
const MAX_INDEX = 50_000
/** Maximum number of runs that are measured at a time. Each takes a few milliseconds. */
const MAX_MEASURED = 20
const MAX_CONTEXT_ERROR = 500
/** Approximate sizes of a context step and of an index entry. */
const CONTEXT_STEP_SIZE = 400
const ENTRY_SIZE = 100

/**
 * Stores the outline of a step that isn't part of an agent's work. Traces that have been silent the longest are
 * forgotten first.
 */
export function keepContext(state: TraceState, { trace, id, parent, parentIsRemote, ...step }: Step): void {
  const steps = state.context.get(trace) ?? []
  if (steps.length < MAX_CONTEXT_STEPS_OF_TRACE) {
    const { role, name, start, end, error } = step
    steps.push({
      ...{ trace, id, role, name: name.slice(0, MAX_CONTEXT_NAME), start },
      ...(parent !== undefined && { parent }),
      ...(parentIsRemote !== undefined && { parentIsRemote }),
      ...(end !== undefined && { end }),
      // The error of the outermost step determines how the run ended.
      ...(parent === undefined &&
        error !== undefined && { error: { message: error.message.slice(0, MAX_CONTEXT_ERROR) } }),
    })
    state.contextSteps++
  }
  state.context.delete(trace)
  state.context.set(trace, steps)
  for (const [oldest] of state.context) {
    if (state.contextSteps <= MAX_CONTEXT_STEPS) return
    takeContext(state, oldest)
  }
}

/** Removes and returns the steps of a trace in which no AI step was seen before. */
export function takeContext(state: TraceState, trace: string): readonly Step[] {
  const steps = state.context.get(trace) ?? []
  state.context.delete(trace)
  state.contextSteps -= steps.length
  return steps
}

/** Returns an approximate upper bound of a state's size. */
export function sizeOfTraces(state: TraceState): number {
  const { runs, contextSteps, runOfTrace, runOfHistory, runOfConversation, runOfInstance } = state
  let size = contextSteps * CONTEXT_STEP_SIZE + state.exceptionsSize
  for (const index of [runOfTrace, runOfHistory, runOfConversation, runOfInstance])
    size += index.size * ENTRY_SIZE
  for (const run of runs.values()) size += run.bytes
  return size
}

/** Measures the runs that seem largest. */
export function measureTraces(state: TraceState): void {
  const largest = [...state.runs.values()].sort((a, b) => b.bytes - a.bytes).slice(0, MAX_MEASURED)
  for (const run of largest) run.bytes = sizeOf(run)
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
