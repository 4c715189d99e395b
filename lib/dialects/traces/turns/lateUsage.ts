import type { DialectTurn, Operation, TurnOperation } from "@/lib/dialects/operations"
import { isoOfNanos } from "@/lib/dialects/times"
import type { ModelCall, Step, Usage } from "@/lib/dialects/traces/Step"
import type { Node, TracedRun } from "@/lib/dialects/traces/TracedRun"
import { touch } from "@/lib/dialects/traces/TraceState"
import { walkBelow } from "@/lib/dialects/traces/tree"

export function noteMissingUsage(run: TracedRun, step: Step, call: ModelCall): void {
  if (step.parent === undefined || call.responseId === undefined) return
  touch(run.withoutUsage, step.parent, { responseId: call.responseId }, 1_000)
}

/**
 * Emits usage that arrived after its model turn. Turns can't be changed, so the usage becomes a separate turn. Both
 * turns have the response's id, by which usage is counted once.
 */
export function emitLateUsage(run: TracedRun, operations: Operation[]): void {
  for (const [id, { responseId }] of run.withoutUsage) {
    const step = run.nodes.get(id)
    if (step?.end === undefined) continue
    run.withoutUsage.delete(id)
    const usage = usageWithin(run, step)
    if (usage !== undefined) operations.push(usageTurn(run, id, step.end, usage, responseId))
  }
}

export function usageTurn(
  run: TracedRun,
  id: string,
  end: bigint | undefined,
  usage: Usage,
  responseId: string | undefined,
): TurnOperation {
  const turn: DialectTurn = { kind: "system", event: "usage", usage }
  if (responseId !== undefined) turn.response_id = responseId
  const at = end === undefined ? undefined : isoOfNanos(end)
  if (at !== undefined) turn.started_at = at
  return { op: "turn", key: run.key, id: `${id}:usage`, turn }
}

/** Returns the usage that the parent step reports, minus the usage of other steps inside the parent. */
export function usageOfStepAbove(run: TracedRun, node: Node): Usage | undefined {
  const above = node.parent === undefined ? undefined : run.nodes.get(node.parent)
  return above === undefined ? undefined : usageWithin(run, above)
}

function usageWithin(run: TracedRun, above: Node): Usage | undefined {
  if (above.role !== "chain" || above.usage === undefined) return undefined
  const left: Usage = { ...above.usage }
  walkBelow(run, above, (inner) => {
    if (inner.usage === undefined) return true
    for (const field of Object.keys(inner.usage) as (keyof Usage)[])
      left[field] = Math.max(0, (left[field] ?? 0) - (inner.usage[field] ?? 0))
    return false
  })
  return left
}
