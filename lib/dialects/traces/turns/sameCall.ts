import type { ModelCall, Step } from "@/lib/dialects/traces/Step"
import type { Node, TracedRun } from "@/lib/dialects/traces/TracedRun"
import { sameCallsBelow, workAbove } from "@/lib/dialects/traces/tree"
import { noteMissingUsage } from "./lateUsage"

/** Returns true if another instrumentation's step is already the call's turn, or if this step only sums up calls. */
export function isRepetition(run: TracedRun, node: Node, step: Step): boolean {
  if (step.completedBy?.some((key) => run.usedKeys.has(key))) return true
  for (const key of step.completedBy ?? []) run.usedKeys.add(key)
  const below = sameCallsBelow(run, node)
  if (below.length > 0 && (node.isAggregate || below.some((inner) => inner.isDone))) return true
  const above = workAbove(run, node.parent)
  return above?.role === "model" && above.isDone && !above.isAggregate
}

/** Returns the node of another instrumentation that has become the turn of the same call. */
export function doneCallOf(run: TracedRun, node: Node): Node | undefined {
  const below = sameCallsBelow(run, node).find((inner) => inner.isDone)
  if (below !== undefined) return below
  const above = workAbove(run, node.parent)
  return above?.role === "model" && above.isDone ? above : undefined
}

/**
 * Merges the spans below that report the same call. Usage, model and response id of an inner span replace those of the
 * outer one; all other fields only fill gaps.
 */
export function mergeInner(run: TracedRun, node: Node, step: Step): ModelCall {
  const call: ModelCall = { ...step.model }
  for (const inner of sameCallsBelow(run, node)) {
    const held = run.heldById.get(inner.id)
    inner.isDone = true
    if (held === undefined) continue
    applyCompletions(run, held.step)
    const { input, output, usage, model, responseId, finish, cost } = held.step.model ?? {}
    if (call.input === undefined && input !== undefined) call.input = input
    if (!hasContent(call.output) && output !== undefined) call.output = output
    if (usage !== undefined) call.usage = usage
    else noteMissingUsage(run, step, call)
    if (model !== undefined) call.model = model
    if (responseId !== undefined) call.responseId = responseId
    if (finish !== undefined) call.finish ??= finish
    if (cost !== undefined) call.cost ??= cost
    if (inner.firstWorkAt !== undefined) node.firstWorkAt ??= inner.firstWorkAt
  }
  return call
}

export function hasContent(output: ModelCall["output"]): boolean {
  return output?.some((message) => message.parts.length > 0) === true
}

/** Adds the parts of a step that arrived as separate records. */
export function applyCompletions(run: TracedRun, step: Step): void {
  for (const key of step.completedBy ?? []) {
    const completion = run.completions.get(key)
    if (completion === undefined) continue
    run.completions.delete(key)
    if (Object.keys(completion.model).length > 0) step.model = { ...completion.model, ...step.model }
    if (Object.keys(completion.tool).length > 0) step.tool = { ...completion.tool, ...step.tool }
    if (completion.error !== undefined) step.error ??= completion.error
  }
}
