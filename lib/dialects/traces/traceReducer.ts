import type { Operation } from "@/lib/dialects/operations"
import type { Reducer } from "@/lib/dialects/Reducer"
import { sizeOf } from "@/lib/dialects/sizeOf"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import { announce, reportProgress } from "./announce"
import { boundRun } from "./ending/boundRun"
import { closeSession, endRun, endsAt } from "./ending/endRun"
import { evictRuns, forgetRun } from "./ending/evictRuns"
import { admit } from "./intake/admit"
import { takeBatch } from "./intake/takeBatch"
import { shortId, withShortIds } from "./intake/withShortIds"
import type { TraceBatch } from "./TraceBatch"
import type { TracedRun } from "./TracedRun"
import { createTraceState, measureTraces, sizeOfTraces, type TraceState } from "./TraceState"
import { emitExceptions, nextException } from "./turns/exceptions"
import { decideUndecided, flushSteps } from "./turns/flushSteps"
import { emitLateUsage } from "./turns/lateUsage"

/** Creates a reducer from steps to runs and turns. The keys of its runs start with `prefix`. */
export function createTraceReducer(prefix: string, settings: TraceSettings): Reducer<TraceState, TraceBatch> {
  return {
    initial: createTraceState,
    reduce(state, given, now) {
      const operations: Operation[] = []
      const changed = takeBatch(state, withShortIds(given), { prefix, settings, now })
      for (const run of changed) settle(run, settings, now, operations)
      const reduced = [...changed].filter((run) => boundRun(run, now, operations)).map(({ key }) => key)
      const forgotten = evictRuns(state, now, changed, operations)
      // Late records that don't reopen an ended run aren't needed. They would never be released, because the run
      // doesn't end a second time.
      const needed = [...changed].filter((run) => run.end === undefined || run.completions.size > 0)
      return { state, operations, keys: needed.map((run) => run.key), forgotten, reduced }
    },
    advance(state, now) {
      const operations: Operation[] = []
      for (const run of state.runs.values()) advanceRun(run, now, operations)
      return { state, operations, forgotten: evictRuns(state, now, [], operations) }
    },
    runOf: (state, trace) => state.runOfTrace.get(shortId(trace)),
    size: sizeOfTraces,
    measure: measureTraces,
    evict(state, now) {
      const [run] = state.runs.values()
      if (run === undefined) return undefined
      const operations: Operation[] = []
      forgetRun(state, run, now, operations, true)
      return { state, operations, forgotten: [run.key] }
    },
    nextDue(state) {
      let due: number | undefined
      for (const run of state.runs.values()) {
        const at = Math.min(
          nextHold(run),
          run.end === undefined ? endsAt(run, settings) : Number.POSITIVE_INFINITY,
        )
        if (Number.isFinite(at) && (due === undefined || at < due)) due = at
      }
      return due
    },
  }
}

/** Emits everything that needn't be held after a batch. */
function settle(run: TracedRun, settings: TraceSettings, now: number, operations: Operation[]): void {
  const later: Operation[] = []
  flushSteps(run, now, false, later)
  decideUndecided(run, later)
  emitLateUsage(run, later)
  emitExceptions(run, now, false, later)
  closeSession(run, later)
  reopen(run, later)
  announce(run, operations)
  operations.push(...later)
  reportProgress(run, operations)
  run.endsAt = endsAt(run, settings)
}

/** Reopens an ended run if operations follow its end, or if steps are still waiting to become turns. */
function reopen(run: TracedRun, later: readonly Operation[]): void {
  const isWaiting = run.held.length > 0 || run.open.size > 0 || run.exceptions.length > 0
  if (later.length > 0 || isWaiting) delete run.end
}

function advanceRun(run: TracedRun, now: number, operations: Operation[]): void {
  if (run.end !== undefined && run.held.length === 0 && run.completions.size === 0) return
  const before = operations.length
  takeFallbacks(run, now, false)
  flushSteps(run, now, false, operations)
  if (operations.length > before) decideUndecided(run, operations)
  emitExceptions(run, now, false, operations)
  if (operations.length > before) delete run.end
  if (run.end === undefined && run.endsAt <= now) {
    takeFallbacks(run, now, true)
    endRun(run, now, operations)
    run.bytes = sizeOf(run)
  } else if (operations.length > before) {
    announce(run, operations)
    reportProgress(run, operations)
  }
}

/** Creates steps from parts that no step has claimed in time. */
function takeFallbacks(run: TracedRun, now: number, isFinal: boolean): void {
  for (const [key, { fallback, dueAt }] of run.completions) {
    if (!isFinal && (dueAt === undefined || dueAt > now)) continue
    if (fallback === undefined) {
      if (isFinal) run.completions.delete(key)
      continue
    }
    const known = run.completions.get(key)
    admit(run, { ...fallback, completedBy: [key] }, now, 0)
    if (known !== undefined) run.completions.set(key, { ...known, dueAt: Number.POSITIVE_INFINITY })
  }
}

function nextHold(run: TracedRun): number {
  let due = Number.POSITIVE_INFINITY
  for (const held of run.held) if (held.dueAt < due) due = held.dueAt
  for (const { dueAt } of run.completions.values()) if (dueAt !== undefined && dueAt < due) due = dueAt
  return Math.min(due, nextException(run))
}
