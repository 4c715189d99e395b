import { sizeOf } from "@/lib/dialects/sizeOf"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { Step } from "@/lib/dialects/traces/Step"
import type { Node, TracedRun } from "@/lib/dialects/traces/TracedRun"
import { workAbove } from "@/lib/dialects/traces/tree"

/** Maximum number of steps remembered per run. */
const MAX_NODES = 20_000
/** Memory that a step adds to a run's state, in addition to its own size. */
const NODE_SIZE = 512

/**
 * Adds a step to a run's tree, and to the queue if it may become a turn. Returns false if the step is already known, so
 * that a record sent twice changes nothing.
 */
export function admit(run: TracedRun, step: Step, dueAt: number, bytes: number): boolean {
  const known = run.nodes.get(step.id)
  if (known?.end !== undefined || (known !== undefined && step.end === undefined)) return false
  const node = known ?? addNode(run, step)
  complete(run, node, step)
  // Counted twice, because a string may be both in the step and in its node.
  run.bytes += NODE_SIZE + 2 * sizeOf(step)
  run.traces.add(step.trace)
  if (step.start > 0n && (run.startedAt === 0n || step.start < run.startedAt) && step.role !== "context")
    run.startedAt = step.start
  if (step.end !== undefined && step.end > run.lastEnd && step.role !== "context") run.lastEnd = step.end
  if (step.role !== "context") updateNames(run, step)
  if (step.end === undefined) {
    run.open.set(step.id, step)
    return true
  }
  run.open.delete(step.id)
  if (step.role === "model" || step.role === "tool" || step.role === "agent") {
    const held = { step, dueAt, order: run.order++ }
    run.held.push(held)
    run.heldById.set(step.id, held)
    run.heldBytes += bytes
  }
  return true
}

function addNode(run: TracedRun, step: Step): Node {
  const node: Node = {
    id: step.id,
    role: step.role,
    name: step.name,
    start: step.start,
    isTop: step.parent === undefined || step.parentIsRemote === true,
    isDone: false,
    isAggregate: false,
    isHidden: false,
    innerAgent: "turn",
    children: run.orphans.get(step.id) ?? [],
  }
  if (step.parent !== undefined) node.parent = step.parent
  run.nodes.set(step.id, node)
  adopt(run, node)
  if (run.nodes.size > MAX_NODES) dropOldest(run)
  return node
}

/** Links a node with its parent and children. Children often arrive first; until then, they are stored by parent id. */
function adopt(run: TracedRun, node: Node): void {
  run.orphans.delete(node.id)
  for (const childId of node.children) {
    const child = run.nodes.get(childId)
    if (child !== undefined) noteWork(node, child)
  }
  if (node.parent === undefined) return
  const parent = run.nodes.get(node.parent)
  if (parent !== undefined) {
    parent.children.push(node.id)
    noteWork(parent, node)
    return
  }
  const waiting = run.orphans.get(node.parent)
  if (waiting === undefined) run.orphans.set(node.parent, [node.id])
  else waiting.push(node.id)
}

function noteWork(parent: Node, child: Node): void {
  if (child.role !== "tool" && child.role !== "agent") return
  if (parent.firstWorkAt === undefined || child.start < parent.firstWorkAt) parent.firstWorkAt = child.start
}

function complete(run: TracedRun, node: Node, step: Step): void {
  node.role = step.role
  node.name = step.name
  node.isAggregate = step.isAggregate === true
  node.isHidden = step.isHidden === true
  node.innerAgent = step.innerAgent ?? "turn"
  if (step.end !== undefined) node.end = step.end
  if (step.usage !== undefined) node.usage = step.usage
  if (step.error !== undefined) node.error = step.error
  if (step.input !== undefined) node.input = step.input
  if (step.output !== undefined) node.output = step.output
  if (step.model?.model !== undefined) node.model = step.model.model
  if (step.cost !== undefined) node.cost = step.cost
  if (step.session !== undefined) run.session ??= step.session
}

/** Updates the run's title and its agent's name. Earlier steps have precedence. */
function updateNames(run: TracedRun, step: Step): void {
  const user = step.role === "model" ? newestUserText(step.model?.input ?? []) : undefined
  const isOuter = step.role !== "model" && step.role !== "tool" && workAbove(run, step.parent) === undefined
  if (user !== undefined) propose(run, user, 3, step.start)
  if (isOuter && step.input !== undefined) propose(run, step.input, 2, step.start)
  if (isOuter && !step.isHidden && (step.innerAgent !== "path" || step.parent === undefined))
    propose(run, step.agentName ?? step.name, 1, step.start)
  const name = step.agentName
  if (name !== undefined && (run.agentName === undefined || step.start < run.agentName.at))
    run.agentName = { text: name, at: step.start }
}

export function propose(run: TracedRun, text: string, rank: number, at: bigint): void {
  const now = run.intent
  if (text.trim() === "" || rank < now.rank || (rank === now.rank && at >= now.at)) return
  run.intent = { text, rank, at }
}

/** Drops the oldest steps. A map is ordered by insertion. */
function dropOldest(run: TracedRun): void {
  for (const id of run.nodes.keys()) {
    if (run.nodes.size <= MAX_NODES) return
    if (!run.heldById.has(id)) run.nodes.delete(id)
  }
}
