import type { Operation } from "@/lib/dialects/operations"
import type { Step } from "@/lib/dialects/traces/Step"
import type { HeldStep, TracedRun } from "@/lib/dialects/traces/TracedRun"
import { ancestors, isRooted, scopesOf, workAbove } from "@/lib/dialects/traces/tree"
import { callById, findCall } from "./calls"
import { emitStep } from "./emitStep"
import { unseenResults } from "./results"

/** How many steps, and how much text, a run may hold. Beyond these limits, steps become turns immediately. */
const MAX_HELD = 4_000
const MAX_HELD_BYTES = 1024 * 1024
/** How many of the steps after a call are searched, for example for its answer in the next call's history. */
const MAX_NEXT = 200
/** How many tools that start in the same millisecond are sorted in the order of their calls. */
const MAX_PARALLEL = 64

/**
 * Converts held steps to operations: the complete ones at the head of the queue, and all up to the last one whose hold
 * has expired. The queue is ordered by start, parents first.
 */
export function flushSteps(run: TracedRun, now: number, isFinal: boolean, operations: Operation[]): void {
  if (run.held.length === 0) return
  run.held.sort((a, b) => compare(run, a, b))
  const isFull = run.held.length > MAX_HELD || run.heldBytes > MAX_HELD_BYTES
  const due = isFinal || isFull ? run.held.length : run.held.findLastIndex(({ dueAt }) => dueAt <= now) + 1
  for (const held of run.held.slice(0, due)) noteMissedParent(run, held.step)
  let sortedUntil = 0
  let index = 0
  for (; index < run.held.length; index++) {
    if (index >= sortedUntil)
      sortedUntil = sortParallelTools(run, run.held, index, index < due ? due : run.held.length)
    const held = run.held[index]
    // Checked only now, because emitting the previous step may have completed this one.
    if (held === undefined || (index >= due && !isComplete(run, held.step))) break
    emitStep(run, held.step, run.held.slice(index + 1, index + MAX_NEXT), operations)
    run.heldById.delete(held.step.id)
  }
  run.held.splice(0, index)
  if (run.held.length === 0) run.heldBytes = 0
}

function compare(run: TracedRun, a: HeldStep, b: HeldStep): number {
  if (a.step.start !== b.step.start) return a.step.start < b.step.start ? -1 : 1
  if (ancestors(run, b.step.parent).some((node) => node.id === a.step.id)) return -1
  if (ancestors(run, a.step.parent).some((node) => node.id === b.step.id)) return 1
  return a.order - b.order
}

/**
 * Sorts parallel tools that started together in the order in which the model requested them. Returns the index after
 * the group that starts at `from` and ends before `end`.
 */
function sortParallelTools(run: TracedRun, due: HeldStep[], from: number, end: number): number {
  const first = due[from]
  if (first?.step.role !== "tool") return from + 1
  let to = from + 1
  while (
    to < end &&
    to - from < MAX_PARALLEL &&
    due[to]?.step.role === "tool" &&
    sameMillisecond(due[to]?.step, first.step)
  )
    to++
  if (to - from < 2) return to
  const ranked = due.slice(from, to).map((held) => ({ held, rank: callOrder(run, held.step) }))
  if (ranked.some(({ rank }) => rank === undefined)) return to
  ranked.sort((a, b) => (a.rank ?? 0) - (b.rank ?? 0))
  due.splice(from, to - from, ...ranked.map(({ held }) => held))
  return to
}

function sameMillisecond(a: Step | undefined, b: Step): boolean {
  return a !== undefined && a.start / 1_000_000n === b.start / 1_000_000n
}

function callOrder(run: TracedRun, step: Step): number | undefined {
  const id = step.tool?.callId
  for (const scope of scopesOf(run, step.parent)) {
    const call =
      id === undefined
        ? scope.calls.find((other) => !other.isDone && other.name === step.name)
        : callById(scope, id)
    if (call !== undefined) return call.order
  }
  return undefined
}

/** Returns true if nothing that the step needs is missing. */
function isComplete(run: TracedRun, step: Step): boolean {
  if (!isPlaced(run, step)) return false
  if (step.completedBy?.some((key) => isAwaited(run, key))) return false
  if (step.role === "agent") {
    const node = run.nodes.get(step.id)
    return node === undefined || isRooted(run, node) || workAbove(run, node.parent) !== undefined
  }
  if (step.role === "tool") return isRequested(run, step)
  if (step.role !== "model") return true
  if (step.isAggregate) return false
  const scopes = scopesOf(run, step.parent)
  const input = step.model?.input ?? []
  // If the first call already contains answers, earlier calls of this run may still arrive.
  const isBegun = scopes[0]?.hasCalled === false && input.some(({ role }) => role === "assistant")
  return !isBegun && unseenResults(run, scopes, input).length === 0
}

/** Returns true if the model call that requested a tool is known, or can't be known because calls have no content. */
function isRequested(run: TracedRun, step: Step): boolean {
  return run.contentIsMissing === true || findCall(scopesOf(run, step.parent), step) !== undefined
}

/** Returns true if records that complete a step may still arrive. */
function isAwaited(run: TracedRun, key: string): boolean {
  const completion = run.completions.get(key)
  return completion === undefined ? !run.usedKeys.has(key) : completion.isPiecemeal === true
}

function isPlaced(run: TracedRun, step: Step): boolean {
  const { parent } = step
  return parent === undefined || step.parentIsRemote === true || run.nodes.has(parent)
}

/** Records a parent that didn't arrive in time. It is probably long-running, so its children are held only briefly. */
function noteMissedParent(run: TracedRun, step: Step): void {
  if (step.parent === undefined || run.nodes.has(step.parent)) return
  run.missedParents.add(step.parent)
  if (run.missedParents.size > 1_000) {
    const [oldest] = run.missedParents
    if (oldest !== undefined) run.missedParents.delete(oldest)
  }
}

/** Emits undecided agents and totals whose place is known by now; at the end of the run, all that remain. */
export function decideUndecided(run: TracedRun, operations: Operation[]): void {
  const waiting = run.undecided.splice(0, run.undecided.length)
  for (const step of waiting.slice(-200)) emitStep(run, step, [], operations)
}
