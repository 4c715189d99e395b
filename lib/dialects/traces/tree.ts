import type { Node, Scope, TracedRun } from "./TracedRun"
import { createScope } from "./TracedRun"

/** Maximum number of levels to follow. Deeper traces are hostile. */
const MAX_DEPTH = 100
const MAX_WALK = 500

/** Returns the known ancestors of a step, nearest first. */
export function ancestors(run: TracedRun, parent: string | undefined): Node[] {
  const found: Node[] = []
  let id = parent
  while (id !== undefined && found.length < MAX_DEPTH) {
    const node = run.nodes.get(id)
    if (node === undefined) break
    found.push(node)
    id = node.isTop ? undefined : node.parent
  }
  return found
}

/** Returns true if a node's ancestors are known up to one without a parent in this process. */
export function isRooted(run: TracedRun, node: Node): boolean {
  if (node.isTop) return true
  const top = ancestors(run, node.parent).at(-1)
  return top?.isTop === true
}

/** Returns the nearest ancestor that is an agent, a model call or a tool. */
export function workAbove(run: TracedRun, parent: string | undefined): Node | undefined {
  return ancestors(run, parent).find((node) => node.role !== "chain" && node.role !== "context")
}

/** Returns true if this agent is inside a tool or a model call, which makes it a separate turn. */
export function isInnerAgent(run: TracedRun, node: Node): boolean {
  const above = workAbove(run, node.parent)
  return node.innerAgent === "turn" && (above?.role === "tool" || above?.role === "model")
}

/** Returns the model spans below a node that report the same call, because no tool or agent is in between. */
export function sameCallsBelow(run: TracedRun, node: Node): Node[] {
  const found: Node[] = []
  const waiting = [...node.children]
  for (let walked = 0; waiting.length > 0 && walked < MAX_WALK; walked++) {
    const child = run.nodes.get(waiting.pop() ?? "")
    if (child === undefined || child.role === "tool" || child.role === "agent") continue
    if (child.role === "model") found.push(child)
    waiting.push(...child.children)
  }
  return found
}

/** Visits the known nodes below a node, at most 500. `visit` returns false to skip a branch. */
export function walkBelow(
  run: TracedRun,
  node: Pick<Node, "children">,
  visit: (node: Node) => boolean,
): void {
  const waiting = [...node.children]
  for (let walked = 0; waiting.length > 0 && walked < MAX_WALK; walked++) {
    const child = run.nodes.get(waiting.pop() ?? "")
    if (child !== undefined && visit(child)) waiting.push(...child.children)
  }
}

/** Returns the names of the steps around a turn, outermost first, excluding the run's own agent and steps around it. */
export function pathTo(run: TracedRun, parent: string | undefined): string[] {
  const above = ancestors(run, parent)
  const outermost = above.findLastIndex((node) => node.role === "agent")
  const inside = outermost >= 0 ? above.slice(0, outermost) : above.filter((node) => !node.isTop)
  return inside
    .filter((node) => (node.role === "chain" && !node.isHidden) || node.role === "agent")
    .map((node) => node.name)
    .reverse()
}

/**
 * Returns the conversations that a step takes part in, its own first. An agent inside a tool, or below a model call
 * that handed off to it, has its own conversation.
 */
export function scopesOf(run: TracedRun, parent: string | undefined): Scope[] {
  const above = ancestors(run, parent)
  const keys = above.filter((node, index) => {
    if (node.role === "tool") return true
    const outer = above.slice(index + 1).find((other) => other.role !== "chain" && other.role !== "context")
    return node.role === "agent" && outer?.role === "model"
  })
  return [...keys.map((node) => node.id), ""].map((key) => scopeFor(run, key))
}

function scopeFor(run: TracedRun, key: string): Scope {
  let scope = run.scopes.get(key)
  if (scope === undefined) {
    scope = createScope()
    run.scopes.set(key, scope)
  }
  return scope
}
