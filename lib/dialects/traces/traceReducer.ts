import { digest } from "@/lib/dialects/digest"
import type { Operation, RunKey } from "@/lib/dialects/operations"
import { DIALECT_LIMITS, type Reducer } from "@/lib/dialects/Reducer"
import { sizeOf } from "@/lib/dialects/sizeOf"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import { admit, propose } from "./admit"
import { announce, reportProgress } from "./announce"
import { assignRun, bareTraces, indexBareRun, type SentStep, shortId, withShortIds } from "./assignRun"
import { boundRun, runForgotten } from "./boundRun"
import { emitExceptions, nextException, takeEarlierExceptions, takeExceptions } from "./exceptions"
import { emitLateUsage } from "./lateUsage"
import { closeSession, end, endsAt } from "./lifecycle"
import { newestUserText } from "./prompts"
import { decideUndecided, flush } from "./queue"
import type { Completion, RunState } from "./RunState"
import type { LoggedException, ModelCall, Sender, Step, StepError, ToolCall } from "./Step"
import {
  createTraceState,
  keepContext,
  measureTraces,
  sizeOfTraces,
  type TraceState,
  takeContext,
  touch,
} from "./TraceState"

/** Part of a step, sent in a separate record: the messages of a call in log records, a call's cost. */
export type SentPart = {
  sender: Sender
  trace: string
  /** One of the `completedBy` keys of the step that the part completes. */
  key: string
  at: bigint
  model?: ModelCall
  tool?: ToolCall
  error?: StepError
  /** True if several records together complete the step and none of them is marked as the last. */
  isPiece?: boolean
  /** The step to create if no other step claims the part. */
  fallback?: Step
  /** True if the fallback is used as soon as the hold has expired, rather than at the end of the run. */
  isComplete?: boolean
  session?: string
}

/** A user's prompt, sent in a separate record. */
export type SentPrompt = {
  sender: Sender
  trace: string
  text: string | undefined
  at: bigint
  session?: string
}

/**
 * How long a step is held, ms, if its parent didn't arrive in time for another child. Such a parent is probably still
 * running. Senders that export each span separately send a parent within 35 ms of its children.
 */
const SHORT_HOLD_MS = 100

/** The content of one request, in the order received. */
export type TraceBatch = {
  steps: SentStep[]
  parts?: SentPart[]
  prompts?: SentPrompt[]
  exceptions?: LoggedException[]
  /** Approximate size of the batch's text. */
  bytes?: number
}

export type { SentStep }

/** A batch while it is being added to runs. */
type Intake = {
  state: TraceState
  batch: TraceBatch
  settings: TraceSettings
  now: number
  /** Returns the run of a step. `bare`: the traces of calls without an enclosing agent. */
  assign(sent: SentStep, bare?: ReadonlySet<string>): RunState | undefined
  /** Marks a run as changed by this batch. */
  onRecord(run: RunState): void
}

const NONE: ReadonlySet<string> = new Set()

/** Creates a reducer from steps to runs and turns. The keys of its runs start with `prefix`. */
export function createTraceReducer(prefix: string, settings: TraceSettings): Reducer<TraceState, TraceBatch> {
  return {
    initial: createTraceState,
    reduce(state, given, now) {
      const batch = withShortIds(given)
      const operations: Operation[] = []
      const touched = new Set<RunState>()
      const intake: Intake = {
        ...{ state, batch, settings, now },
        assign: (sent, bare = NONE) => assignRun(state, prefix, sent, bare, settings, now),
        onRecord(run) {
          run.lastRecordAt = now
          touched.add(run)
        },
      }
      takePrompts(intake)
      takeParts(intake)
      takeSteps(intake)
      for (const run of takeExceptions(state, batch.exceptions ?? [], settings, now)) intake.onRecord(run)
      for (const run of touched) settle(run, settings, now, operations)
      const reduced = [...touched].filter((run) => boundRun(run, now, operations)).map(({ key }) => key)
      const forgotten = evict(state, now, touched, operations)
      // Late records that don't reopen an ended run aren't needed. They would never be released, because the run
      // doesn't end a second time.
      const needed = [...touched].filter((run) => run.end === undefined || run.completions.size > 0)
      return { state, operations, keys: needed.map((run) => run.key), forgotten, reduced }
    },
    advance(state, now) {
      const operations: Operation[] = []
      for (const run of state.runs.values()) advanceRun(run, now, operations)
      return { state, operations, forgotten: evict(state, now, [], operations) }
    },
    runOf: (state, trace) => state.runOfTrace.get(shortId(trace)),
    size: sizeOfTraces,
    measure: measureTraces,
    evict(state, now) {
      const [run] = state.runs.values()
      if (run === undefined) return undefined
      const operations: Operation[] = []
      forget(state, run, now, operations, true)
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

function takeSteps({ state, batch, settings, now, assign, onRecord }: Intake): void {
  const bare = bareTraces(batch.steps, (trace) => state.runOfTrace.has(trace))
  const bytes = Math.ceil((batch.bytes ?? 0) / Math.max(1, batch.steps.length))
  const dueAt = now + settings.holdMs
  // AI steps first, because they create the runs to which the context steps of the same traces belong.
  for (const sent of batch.steps) {
    if (sent.step.role === "context") continue
    const run = assign(sent, bare)
    if (run === undefined) continue
    const isLate = sent.step.parent !== undefined && run.missedParents.has(sent.step.parent)
    if (!admit(run, sent.step, isLate ? Math.min(dueAt, now + SHORT_HOLD_MS) : dueAt, bytes)) continue
    for (const step of takeContext(state, sent.step.trace)) admit(run, step, dueAt, 0)
    takeEarlierExceptions(state, sent.step.trace, run, settings, now)
    indexBareRun(state, run, sent)
    onRecord(run)
  }
  for (const sent of batch.steps) {
    if (sent.step.role !== "context") continue
    const run = assign(sent, bare)
    if (run === undefined) keepContext(state, sent.step)
    else if (admit(run, sent.step, dueAt, 0)) onRecord(run)
  }
}

function takeParts({ batch, settings, now, assign, onRecord }: Intake): void {
  const occurrences = new Map<string, number>()
  for (const part of batch.parts ?? []) {
    const step: Step = part.fallback ?? {
      trace: part.trace,
      id: part.key,
      role: "model",
      name: part.key,
      start: part.at,
    }
    const run = assign({ step, sender: part.sender })
    if (run === undefined || run.usedKeys.has(part.key)) continue
    if (part.trace !== "") run.traces.add(part.trace)
    if (part.session !== undefined) run.session ??= part.session
    if (run.startedAt === 0n || part.at < run.startedAt) run.startedAt = part.at
    const user = newestUserText(part.model?.input ?? [])
    if (user !== undefined) propose(run, user, 3, part.at)
    merge(run, part, identify(part, occurrences), now + settings.holdMs)
    onRecord(run)
  }
}

/** Returns an id for a record. A record sent again has the same id; equal records of one request have different ids. */
function identify({ key, at, model, tool, error }: SentPart, occurrences: Map<string, number>): string {
  const id = digest(JSON.stringify([key, String(at), model, tool, error]))
  const occurrence = (occurrences.get(id) ?? 0) + 1
  occurrences.set(id, occurrence)
  return `${id} ${occurrence}`
}

function merge(run: RunState, part: SentPart, id: string, dueAt: number): void {
  const known: Completion = run.completions.get(part.key) ?? {
    model: {},
    inputs: [],
    tool: {},
    seen: new Set(),
  }
  if (known.seen.has(id)) return
  known.seen.add(id)
  const { input, output, ...rest } = part.model ?? {}
  Object.assign(known.model, rest)
  if (input !== undefined) {
    known.inputs.push({ at: part.at, messages: input })
    known.inputs.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0))
    known.model.input = known.inputs.flatMap(({ messages }) => messages)
  }
  if (output !== undefined) known.model.output = [...(known.model.output ?? []), ...output]
  if (part.isPiece) known.isPiecemeal = true
  Object.assign(known.tool, part.tool)
  if (part.error !== undefined) known.error = part.error
  if (part.fallback !== undefined) known.fallback ??= part.fallback
  if (part.isComplete) known.dueAt ??= dueAt
  run.bytes += sizeOf(part)
  touch(run.completions, part.key, known, 2_000)
}

function takePrompts({ batch, assign, onRecord }: Intake): void {
  for (const { sender, trace, text, at, session } of batch.prompts ?? []) {
    const step: Step = { trace, id: "", role: "chain", name: "prompt", start: at }
    const run = assign({ step, sender })
    if (run === undefined) continue
    if (session !== undefined) run.session ??= session
    if (at > 0n && (run.startedAt === 0n || at < run.startedAt)) run.startedAt = at
    run.bytes += text?.length ?? 0
    if (text !== undefined && !run.usedPrompts.has(text)) {
      propose(run, text, 3, at)
      if (at > run.promptsKnownUntil) run.prompt = { text, at }
    }
    onRecord(run)
  }
}

/** Emits everything that needn't be held after a batch. */
function settle(run: RunState, settings: TraceSettings, now: number, operations: Operation[]): void {
  const later: Operation[] = []
  flush(run, now, false, later)
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
function reopen(run: RunState, later: readonly Operation[]): void {
  const isWaiting = run.held.length > 0 || run.open.size > 0 || run.exceptions.length > 0
  if (later.length > 0 || isWaiting) delete run.end
}

function advanceRun(run: RunState, now: number, operations: Operation[]): void {
  if (run.end !== undefined && run.held.length === 0 && run.completions.size === 0) return
  const before = operations.length
  takeFallbacks(run, now, false)
  flush(run, now, false, operations)
  if (operations.length > before) decideUndecided(run, operations)
  emitExceptions(run, now, false, operations)
  if (operations.length > before) delete run.end
  if (run.end === undefined && run.endsAt <= now) {
    takeFallbacks(run, now, true)
    end(run, now, operations)
    run.bytes = sizeOf(run)
  } else if (operations.length > before) {
    announce(run, operations)
    reportProgress(run, operations)
  }
}

/** Creates steps from parts that no step has claimed in time. */
function takeFallbacks(run: RunState, now: number, isFinal: boolean): void {
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

function nextHold(run: RunState): number {
  let due = Number.POSITIVE_INFINITY
  for (const held of run.held) if (held.dueAt < due) due = held.dueAt
  for (const { dueAt } of run.completions.values()) if (dueAt !== undefined && dueAt < due) due = dueAt
  return Math.min(due, nextException(run))
}

/**
 * Forgets runs that have been silent for too long. If too many runs remain, forgets those that have been silent the
 * longest. Also forgets changed runs that are too large even after parts of their state were dropped. Returns the keys
 * of all forgotten runs.
 */
function evict(
  state: TraceState,
  now: number,
  changed: Iterable<RunState>,
  operations: Operation[],
): RunKey[] {
  const forgotten: RunKey[] = []
  for (const run of state.runs.values()) {
    const isIdle = now - run.lastRecordAt > DIALECT_LIMITS.idleMs
    if (!isIdle && state.runs.size <= DIALECT_LIMITS.openKeys) break
    forgotten.push(run.key)
    forget(state, run, now, operations, !isIdle)
  }
  for (const run of changed) {
    if (run.bytes <= DIALECT_LIMITS.bytesPerKey || !state.runs.has(run.key)) continue
    forgotten.push(run.key)
    forget(state, run, now, operations, true)
  }
  return forgotten
}

/**
 * Forgets a run, and ends it if necessary. `forRoom`: the run is forgotten to free memory, although more records may
 * arrive. Its last turn then records the loss.
 */
function forget(
  state: TraceState,
  run: RunState,
  now: number,
  operations: Operation[],
  forRoom: boolean,
): void {
  const { key } = run
  if (run.end === undefined && run.isStarted) {
    flush(run, now, true, operations)
    emitExceptions(run, now, true, operations)
    if (forRoom) operations.push(runForgotten(key, now))
    operations.push({ op: "end", key, status: "incomplete", inferred: true })
  }
  state.runs.delete(key)
  for (const trace of run.traces) if (state.runOfTrace.get(trace) === key) state.runOfTrace.delete(trace)
}
