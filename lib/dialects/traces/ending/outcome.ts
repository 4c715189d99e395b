import type { EndOperation, Operation } from "@/lib/dialects/operations"
import { isoOfNanos } from "@/lib/dialects/times"
import type { Step, StepError } from "@/lib/dialects/traces/Step"
import type { Node, TracedRun } from "@/lib/dialects/traces/TracedRun"
import { ancestors, workAbove } from "@/lib/dialects/traces/tree"
import { modelTurn } from "@/lib/dialects/traces/turns/buildTurn"

const FAILED_FINISHES = new Set(["error", "failed", "failure", "content_filter", "content-filter"])

/** Returns the agents of a run that aren't inside another agent, tool or model call. */
function outermostAgents(run: TracedRun): Node[] {
  return [...run.nodes.values()].filter(
    (node) => node.role === "agent" && workAbove(run, node.parent) === undefined,
  )
}

/** Returns the steps of a run without a parent in this process. */
function tops(run: TracedRun): Node[] {
  return [...run.nodes.values()].filter((node) => node.isTop)
}

/**
 * Returns true if all work has ended: every top step has ended or, if no top step is known, every outermost agent has
 * ended and all other known steps are inside or around these agents. A running step keeps the run open, unless the run
 * has failed.
 */
export function isOver(run: TracedRun): boolean {
  if (run.isBare || run.sender.sessionKey !== undefined) return false
  const roots = tops(run)
  // Steps that were cancelled because the agent failed never end.
  const hasFailed = roots.length > 0 && rootError(run) !== undefined
  if (!hasFailed) for (const step of run.open.values()) if (step.role !== "context") return false
  if (roots.length > 0) return roots.every((node) => node.end !== undefined)
  const agents = outermostAgents(run)
  if (agents.length === 0 || agents.some((node) => node.end === undefined)) return false
  const ids = new Set(agents.map((node) => node.id))
  const around = new Set(agents.flatMap((node) => ancestors(run, node.parent).map((above) => above.id)))
  return [...run.nodes.values()].every(
    (node) =>
      node.role === "context" ||
      ids.has(node.id) ||
      around.has(node.id) ||
      ancestors(run, node.parent).some((above) => ids.has(above.id)),
  )
}

/** Emits one model turn for a run without model spans, if its agent reports an answer or usage. */
export function agentAsModelTurn(run: TracedRun, operations: Operation[]): void {
  if (run.modelTurns > 0) return
  const root = rootOf(run)
  if (root === undefined || (root.output === undefined && root.usage === undefined)) return
  run.modelTurns++
  const step: Step = {
    trace: "",
    id: `${root.id}:model`,
    role: "model",
    name: root.name,
    start: root.start,
    model: {},
  }
  if (root.end !== undefined) step.end = root.end
  if (root.output !== undefined)
    step.model = { output: [{ role: "assistant", parts: [{ type: "text", text: root.output }] }] }
  if (root.usage !== undefined) step.model = { ...step.model, usage: root.usage }
  if (root.model !== undefined) step.model = { ...step.model, model: root.model }
  if (root.cost !== undefined) step.model = { ...step.model, cost: root.cost }
  operations.push({ op: "turn", key: run.key, id: step.id, turn: modelTurn(run, step, root.input) })
}

function rootOf(run: TracedRun): Node | undefined {
  return outermostAgents(run)[0] ?? tops(run)[0]
}

/** Builds the end of a run: failed if its root or last model call failed, otherwise successful. */
export function outcome(run: TracedRun): EndOperation {
  const root = rootOf(run)
  const error = rootError(run) ?? run.lastModel?.error
  const finish = run.lastModel?.finish
  const hasFailed = error !== undefined || (finish !== undefined && FAILED_FINISHES.has(finish.toLowerCase()))
  const answer = run.lastModel?.text || root?.output
  const summary = hasFailed ? (error?.message ?? answer) : answer
  const end: EndOperation = {
    op: "end",
    key: run.key,
    inferred: true,
    status: hasFailed ? "failure" : "success",
  }
  const endedAt = isoOfNanos(run.lastEnd)
  if (endedAt !== undefined) end.ended_at = endedAt
  return summary === undefined ? end : { ...end, summary }
}

function rootError(run: TracedRun): StepError | undefined {
  const agents = outermostAgents(run)
  const last = (agents.length > 0 ? agents : tops(run)).reduce<Node | undefined>(
    (latest, node) => (latest === undefined || node.start >= latest.start ? node : latest),
    undefined,
  )
  return last?.error
}
