import type { Operation } from "@/lib/dialects/operations"
import { callById, unseenResults } from "./calls"
import { emitStep } from "./emit"
import type { HeldStep, RunState } from "./RunState"
import type { Step } from "./Step"
import { ancestors, isRooted, scopesOf, workAbove } from "./tree"

/** Steps and text of one run that may wait; beyond it they become turns immediately. */
const MAX_HELD = 4_000
const MAX_HELD_BYTES = 1024 * 1024
/** Tools that began in the same millisecond and are sorted by their calls. */
const MAX_PARALLEL = 64

/**
 * Turns waiting steps into operations: those at the head of the queue that are complete, and everything up to the
 * last one whose time is over. The queue is in order of start, parents first.
 */
export function flush(run: RunState, now: number, isFinal: boolean, operations: Operation[]): void {
  if (run.held.length === 0) return
  run.held.sort((a, b) => compare(run, a, b))
  const isFull = run.held.length > MAX_HELD || run.heldBytes > MAX_HELD_BYTES
  let until = isFinal || isFull ? run.held.length : run.held.findLastIndex((held) => held.dueAt <= now) + 1
  for (const held of run.held.slice(0, until)) noteMissedParent(run, held.step)
  while (until < run.held.length) {
    const held = run.held[until]
    if (held === undefined || !isComplete(run, held.step)) break
    until++
  }
  const due = run.held.splice(0, until)
  let groupEnd = 0
  for (let index = 0; index < due.length; index++) {
    if (index >= groupEnd) groupEnd = sortParallelTools(run, due, index)
    const held = due[index]
    if (held === undefined) continue
    emitStep(run, held.step, [...due.slice(index + 1, index + 200), ...run.held.slice(0, 50)], operations)
    run.heldById.delete(held.step.id)
  }
  if (run.held.length === 0) run.heldBytes = 0
}

function compare(run: RunState, a: HeldStep, b: HeldStep): number {
  if (a.step.start !== b.step.start) return a.step.start < b.step.start ? -1 : 1
  if (ancestors(run, b.step.parent).some((node) => node.id === a.step.id)) return -1
  if (ancestors(run, a.step.parent).some((node) => node.id === b.step.id)) return 1
  return a.order - b.order
}

/**
 * Puts parallel tools that began together into the order in which the model asked for them. Returns the index after
 * the group that begins at `from`.
 */
function sortParallelTools(run: RunState, due: HeldStep[], from: number): number {
  const first = due[from]
  if (first?.step.role !== "tool") return from + 1
  let to = from + 1
  while (
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

function callOrder(run: RunState, step: Step): number | undefined {
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

/** Whether nothing is missing that may still come. */
function isComplete(run: RunState, step: Step): boolean {
  if (!isPlaced(run, step)) return false
  if (step.completedBy?.some((key) => !run.completions.has(key) && !run.usedKeys.has(key))) return false
  if (step.role === "agent") {
    const node = run.nodes.get(step.id)
    return node === undefined || isRooted(run, node) || workAbove(run, node.parent) !== undefined
  }
  if (step.role !== "model") return true
  if (step.isAggregate) return false
  const [scope] = scopesOf(run, step.parent)
  return scope === undefined || unseenResults(run, scope, step.model?.input ?? []).length === 0
}

function isPlaced(run: RunState, step: Step): boolean {
  const { parent } = step
  return parent === undefined || step.parentIsRemote === true || run.nodes.has(parent)
}

/** A parent that didn't come in time is a long-running one: its other children needn't wait for it, too. */
function noteMissedParent(run: RunState, step: Step): void {
  if (step.parent === undefined || run.nodes.has(step.parent)) return
  run.missedParents.add(step.parent)
  if (run.missedParents.size > 1_000) {
    const [oldest] = run.missedParents
    if (oldest !== undefined) run.missedParents.delete(oldest)
  }
}

/** Agents whose place has become known since; at the end they are dropped, and sums that nothing below explains are turns. */
export function decideUndecided(run: RunState, operations: Operation[]): void {
  const waiting = run.undecided.splice(0, run.undecided.length)
  for (const step of waiting.slice(-200)) emitStep(run, step, [], operations)
}
