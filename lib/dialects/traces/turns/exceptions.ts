import type { DialectTurn, Operation } from "@/lib/dialects/operations"
import { sizeOf } from "@/lib/dialects/sizeOf"
import type { TraceSettings } from "@/lib/dialects/TraceSettings"
import { isoOfNanos } from "@/lib/dialects/times"
import type { LoggedException, StepError } from "@/lib/dialects/traces/Step"
import type { HeldException, Node, TracedRun } from "@/lib/dialects/traces/TracedRun"
import { type TraceState, touch } from "@/lib/dialects/traces/TraceState"
import { ancestors, isRooted, pathTo, walkBelow, workAbove } from "@/lib/dialects/traces/tree"
import { sameError } from "./buildTurn"

/** Maximum size of all exceptions whose trace has no run, as measured by `sizeOf`. */
const MAX_WAITING = 2 * 1024 * 1024
const MAX_PER_TRACE = 20
const MAX_HELD = 200
const MAX_KNOWN = 1_000

/** Adds logged exceptions to their runs. Those of a trace without a run are kept, because the run may start later. */
export function takeExceptions(
  state: TraceState,
  exceptions: readonly LoggedException[],
  settings: TraceSettings,
  now: number,
): TracedRun[] {
  const changed = new Set<TracedRun>()
  for (const exception of exceptions) {
    const run = state.runs.get(state.runOfTrace.get(exception.trace) ?? "")
    if (run === undefined) {
      keep(state, exception)
    } else if (hold(run, exception, settings, now)) changed.add(run)
  }
  return [...changed]
}

/** Keeps an exception for later. The traces that have been silent the longest lose theirs first. */
function keep(state: TraceState, exception: LoggedException): void {
  const waiting = state.exceptions.get(exception.trace) ?? []
  if (waiting.length >= MAX_PER_TRACE) return
  state.exceptions.delete(exception.trace)
  state.exceptions.set(exception.trace, [...waiting, exception])
  state.exceptionsSize += sizeOf(exception)
  for (const oldest of state.exceptions.keys()) {
    if (state.exceptionsSize <= MAX_WAITING) return
    takeWaiting(state, oldest)
  }
}

function takeWaiting(state: TraceState, trace: string): readonly LoggedException[] {
  const waiting = state.exceptions.get(trace) ?? []
  state.exceptions.delete(trace)
  for (const exception of waiting) state.exceptionsSize -= sizeOf(exception)
  return waiting
}

/** Adds the exceptions that were logged before the run of their trace was known. */
export function takeEarlierExceptions(
  state: TraceState,
  trace: string,
  run: TracedRun,
  settings: TraceSettings,
  now: number,
): void {
  if (!state.exceptions.has(trace)) return
  for (const exception of takeWaiting(state, trace)) hold(run, exception, settings, now)
}

function hold(run: TracedRun, exception: LoggedException, settings: TraceSettings, now: number): boolean {
  const { id } = exception
  if (run.exceptionsSeen.has(id)) return false
  touch(run.exceptionsSeen, id, true as const, MAX_KNOWN)
  run.exceptions.push({ ...exception, heldUntil: now + settings.holdMs, settledAt: now + settings.settleMs })
  run.bytes += sizeOf(exception)
  return true
}

/**
 * Emits a turn for each logged exception that no span reports. An exception waits until its span has ended, unless the
 * span is a long one around other steps.
 */
export function emitExceptions(run: TracedRun, now: number, isFinal: boolean, operations: Operation[]): void {
  if (run.exceptions.length === 0) return
  const surplus = run.exceptions.length - MAX_HELD
  run.exceptions = run.exceptions.filter((exception, index) => {
    if (isReported(run, exception)) return false
    if (!isFinal && index >= surplus && dueAt(run, exception) > now) return true
    noteLogged(run, exception)
    operations.push({
      op: "turn",
      key: run.key,
      id: `exception:${exception.id}`,
      turn: turnOf(run, exception),
    })
    return false
  })
}

/** Returns when the next logged exception becomes a turn, unless a span reports it before then. */
export function nextException(run: TracedRun): number {
  return run.exceptions.reduce((due, each) => Math.min(due, dueAt(run, each)), Number.POSITIVE_INFINITY)
}

/** Returns when an exception becomes a turn; infinite while its span may still be running and report the exception. */
function dueAt(run: TracedRun, { span, heldUntil, settledAt }: HeldException): number {
  if (span === undefined) return heldUntil
  const node = run.nodes.get(span)
  if (node?.end === undefined) return hasWorkBelow(run, span) ? settledAt : Number.POSITIVE_INFINITY
  const work = node.role === "tool" || node.role === "model" ? node : workAbove(run, node.parent)
  if (work !== undefined) return work.role === "agent" || work.end !== undefined ? heldUntil : settledAt
  return isRooted(run, node) ? heldUntil : settledAt
}

function hasWorkBelow(run: TracedRun, span: string): boolean {
  const children = run.nodes.get(span)?.children ?? run.orphans.get(span) ?? []
  return children.some((id) => run.nodes.get(id)?.role !== "context")
}

/** Returns true if the span, or a step around or inside it, has the same error, or has already logged it. */
function isReported(run: TracedRun, { span, error }: LoggedException): boolean {
  if (span === undefined) return false
  const has = (id: string, known: StepError | undefined) =>
    (known !== undefined && sameError(known, error)) || hasLogged(run, id, error)
  if (hasLogged(run, span, error)) return true
  if (ancestors(run, span).some((node) => has(node.id, node.error))) return true
  const children = run.nodes.get(span)?.children ?? run.orphans.get(span) ?? []
  let found = false
  walkBelow(run, { children }, (inner) => {
    found ||= has(inner.id, inner.error)
    return !found
  })
  return found
}

/** Returns true if an exception that was logged in this span, or in one below, is already a turn. */
export function isLoggedWithin(run: TracedRun, node: Node, error: StepError): boolean {
  if (run.logged.size === 0) return false
  let found = hasLogged(run, node.id, error)
  walkBelow(run, node, (inner) => {
    found ||= hasLogged(run, inner.id, error)
    return !found
  })
  return found
}

function hasLogged(run: TracedRun, span: string, error: StepError): boolean {
  return run.logged.get(span)?.some((known) => sameError(known, error)) ?? false
}

function noteLogged(run: TracedRun, { span, error }: LoggedException): void {
  if (span === undefined) return
  const { stack: _, ...known } = error
  touch(run.logged, span, [...(run.logged.get(span) ?? []).slice(-MAX_PER_TRACE), known], MAX_KNOWN)
  run.bytes += sizeOf(known)
}

function turnOf(run: TracedRun, { span, at, error, text, logger }: LoggedException): DialectTurn {
  const turn: DialectTurn = { kind: "system", event: "exception", error }
  if (text !== undefined && text !== error.message) turn.message = text
  const startedAt = isoOfNanos(at)
  if (startedAt !== undefined) turn.started_at = startedAt
  const path = pathTo(run, span)
  if (path.length > 0) turn.path = path
  const attributes = { ...(span !== undefined && { span_id: span }), ...(logger !== undefined && { logger }) }
  if (Object.keys(attributes).length > 0) turn.attributes = attributes
  return turn
}
