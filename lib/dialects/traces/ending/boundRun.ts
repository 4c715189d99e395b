import type { Operation } from "@/lib/dialects/operations"
import { DIALECT_LIMITS } from "@/lib/dialects/Reducer"
import { sizeOf } from "@/lib/dialects/sizeOf"
import { admit } from "@/lib/dialects/traces/intake/admit"
import type { Step } from "@/lib/dialects/traces/Step"
import type { Node, Scope, TracedRun } from "@/lib/dialects/traces/TracedRun"
import { emitExceptions } from "@/lib/dialects/traces/turns/exceptions"
import { flushSteps } from "@/lib/dialects/traces/turns/flushSteps"

/** If the measured state of a run is larger than this, part of it is dropped. */
const RELIEVED_SIZE = DIALECT_LIMITS.bytesPerKey * 0.75
const LONG_TEXT = 1_024
const LONG_NAME = 256
const MAX_NODES = 1_000
const MAX_SCOPES = 20
const MAX_ENTRIES = 200

/**
 * Keeps the state of a run within the limit. First drops what isn't needed anymore. If that isn't enough, also drops
 * what could still place or complete later records, and emits a turn that records the loss.
 *
 * @returns true if something was dropped that may still be needed.
 */
export function boundRun(run: TracedRun, now: number, operations: Operation[]): boolean {
  if (run.bytes <= DIALECT_LIMITS.bytesPerKey) return false
  run.bytes = sizeOf(run)
  if (run.bytes <= RELIEVED_SIZE) return false
  flushSteps(run, now, true, operations)
  dropSpent(run)
  run.bytes = sizeOf(run)
  if (run.bytes <= RELIEVED_SIZE) return false
  takeParts(run, now, operations)
  emitExceptions(run, now, true, operations)
  dropContext(run)
  run.bytes = sizeOf(run)
  operations.push(contextDropped(run.key, ++run.timesDropped))
  return true
}

/** Returns the turn that records that a run's context was dropped for the n-th time. */
function contextDropped(key: string, n: number): Operation {
  const message =
    "The server's state for this run grew too large, and the older part was dropped. Later turns may lack their path, prompt or input, or repeat a tool call."
  return {
    op: "turn",
    key,
    id: `turnline:context_dropped:${n}`,
    turn: { kind: "system", event: "context_dropped", message },
  }
}

/** Returns the last turn of a run that was forgotten to free memory. */
export function runForgotten(key: string, now: number): Operation {
  const message =
    "The server dropped its state for this run to free memory, because this run had been silent longest. Later records continue the run, but information about earlier steps may be missing or repeated."
  return {
    op: "turn",
    key,
    id: `turnline:run_forgotten:${now}`,
    turn: { kind: "system", event: "run_forgotten", message },
  }
}

/** Drops data that isn't needed anymore. */
function dropSpent(run: TracedRun): void {
  for (const scope of run.scopes.values())
    for (const call of scope.calls) if (call.isDone) call.arguments = null
  for (const node of run.nodes.values()) if (node.isDone && node.role !== "agent") cutTexts(node, LONG_TEXT)
}

/** Converts incomplete parts of steps to turns, as at the end of the run. */
function takeParts(run: TracedRun, now: number, operations: Operation[]): void {
  for (const [key, { fallback }] of run.completions)
    if (fallback !== undefined) admit(run, { ...fallback, completedBy: [key] }, now, 0)
  flushSteps(run, now, true, operations)
  run.completions.clear()
}

function dropContext(run: TracedRun): void {
  run.undecided.length = 0
  for (const [id, step] of run.open) run.open.set(id, outlineOf(step))
  dropNodes(run)
  for (const key of [...run.scopes.keys()].slice(0, -MAX_SCOPES)) run.scopes.delete(key)
  for (const scope of run.scopes.values()) dropScope(scope)
  for (const known of [run.usedKeys, run.missedParents, run.usedPrompts, run.traces]) keepNewest(known)
  for (const known of [run.toolTurns, run.withoutUsage, run.open, run.exceptionsSeen, run.logged])
    keepNewest(known)
  run.intent.text = run.intent.text.slice(0, LONG_TEXT * 16)
  if (run.sent.intent !== undefined) run.sent.intent = run.intent.text
  if (run.agentName !== undefined) run.agentName.text = run.agentName.text.slice(0, LONG_NAME)
  if (run.prompt !== undefined) run.prompt.text = run.prompt.text.slice(0, LONG_TEXT * 16)
  if (run.lastModel !== undefined) run.lastModel.text = run.lastModel.text.slice(0, LONG_TEXT * 16)
}

/** Drops the oldest steps, and truncates long strings in the others. */
function dropNodes(run: TracedRun): void {
  for (const id of [...run.nodes.keys()].slice(0, -MAX_NODES)) run.nodes.delete(id)
  for (const node of run.nodes.values()) {
    cutTexts(node, LONG_TEXT)
    node.name = node.name.slice(0, LONG_NAME)
    node.children = node.children.filter((id) => run.nodes.has(id))
  }
  for (const [parent, children] of run.orphans) {
    const left = children.filter((id) => run.nodes.has(id))
    if (left.length > 0) run.orphans.set(parent, left)
    else run.orphans.delete(parent)
  }
}

function cutTexts(node: Node, length: number): void {
  if (node.input !== undefined) node.input = node.input.slice(0, length)
  if (node.output !== undefined) node.output = node.output.slice(0, length)
  if (node.error === undefined) return
  const { stack: _, message, ...rest } = node.error
  node.error = { ...rest, message: message.slice(0, length) }
}

/** Returns a running step without its content, which arrives again when the step ends. */
function outlineOf(step: Step): Step {
  const { trace, id, parent, parentIsRemote, role, name, start, model } = step
  return {
    ...{ trace, id, role, name: name.slice(0, LONG_NAME), start },
    ...(parent !== undefined && { parent }),
    ...(parentIsRemote !== undefined && { parentIsRemote }),
    ...(model?.model !== undefined && { model: { model: model.model.slice(0, LONG_NAME) } }),
  }
}

function dropScope(scope: Scope): void {
  scope.earlierResults.clear()
  scope.calls = scope.calls.slice(-MAX_ENTRIES).filter(({ id = "", name }) => isShort(id) && isShort(name))
  for (const call of scope.calls) call.arguments = null
  scope.rebuilt.length = 0
  scope.unmatched.length = 0
  scope.lastInput = scope.lastInput.slice(-MAX_ENTRIES)
  for (const counts of [scope.seen, scope.toolCounts, scope.earlierCounts]) keepNewest(counts)
}

/** Removes the oldest entries and those with long keys. Maps and sets are in order of insertion. */
function keepNewest(known: Map<string, unknown> | Set<string>): void {
  let surplus = known.size - MAX_ENTRIES
  for (const key of [...known.keys()]) if (surplus-- > 0 || !isShort(key)) known.delete(key)
}

function isShort(text: string): boolean {
  return text.length <= LONG_NAME
}
