import type { Operation, RunKey } from "@/lib/dialects/operations"
import { DIALECT_LIMITS } from "@/lib/dialects/Reducer"
import type { TracedRun } from "@/lib/dialects/traces/TracedRun"
import type { TraceState } from "@/lib/dialects/traces/TraceState"
import { emitExceptions } from "@/lib/dialects/traces/turns/exceptions"
import { flushSteps } from "@/lib/dialects/traces/turns/flushSteps"
import { runForgotten } from "./boundRun"

/**
 * Forgets runs that have been silent for too long. If too many runs remain, forgets those that have been silent the
 * longest. Also forgets changed runs that are too large even after parts of their state were dropped. Returns the keys
 * of all forgotten runs.
 */
export function evictRuns(
  state: TraceState,
  now: number,
  changed: Iterable<TracedRun>,
  operations: Operation[],
): RunKey[] {
  const forgotten: RunKey[] = []
  for (const run of state.runs.values()) {
    const isIdle = now - run.lastRecordAt > DIALECT_LIMITS.idleMs
    if (!isIdle && state.runs.size <= DIALECT_LIMITS.openKeys) break
    forgotten.push(run.key)
    forgetRun(state, run, now, operations, !isIdle)
  }
  for (const run of changed) {
    if (run.bytes <= DIALECT_LIMITS.bytesPerKey || !state.runs.has(run.key)) continue
    forgotten.push(run.key)
    forgetRun(state, run, now, operations, true)
  }
  return forgotten
}

/**
 * Forgets a run, and ends it if necessary. `forRoom`: the run is forgotten to free memory, although more records may
 * arrive. Its last turn then records the loss.
 */
export function forgetRun(
  state: TraceState,
  run: TracedRun,
  now: number,
  operations: Operation[],
  forRoom: boolean,
): void {
  const { key } = run
  if (run.end === undefined && run.isStarted) {
    flushSteps(run, now, true, operations)
    emitExceptions(run, now, true, operations)
    if (forRoom) operations.push(runForgotten(key, now))
    operations.push({ op: "end", key, status: "incomplete", inferred: true })
  }
  state.runs.delete(key)
  for (const trace of run.traces) if (state.runOfTrace.get(trace) === key) state.runOfTrace.delete(trace)
}
