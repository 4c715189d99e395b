import type { Node, RunState, Scope } from "./RunState"
import { createScope } from "./RunState"

/** Longest way up or down a trace that is followed; deeper traces are hostile. */
const MAX_DEPTH = 100
const MAX_WALK = 500

/** The known ancestors of a step, nearest first. */
export function ancestors(run: RunState, parent: string | undefined): Node[] {
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

/** Whether the way up ends at a node that has nothing above it. */
export function isRooted(run: RunState, node: Node): boolean {
  if (node.isTop) return true
  const top = ancestors(run, node.parent).at(-1)
  return top?.isTop === true
}

/** The nearest ancestor that is an agent, a model call or a tool. */
export function workAbove(run: RunState, parent: string | undefined): Node | undefined {
  return ancestors(run, parent).find((node) => node.role !== "chain" && node.role !== "context")
}

/** Whether this agent works inside a tool or a model call, which makes it a separate turn. */
export function isInnerAgent(run: RunState, node: Node): boolean {
  const above = workAbove(run, node.parent)
  return node.innerAgent === "turn" && (above?.role === "tool" || above?.role === "model")
}

/** The model calls below that are the same call seen by another instrumentation: no tool or agent lies between. */
export function sameCallsBelow(run: RunState, node: Node): Node[] {
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

/** Visits everything below a node, as far as it is known, until `visit` returns false for a branch. */
export function walkBelow(run: RunState, node: Node, visit: (node: Node) => boolean): void {
  const waiting = [...node.children]
  for (let walked = 0; waiting.length > 0 && walked < MAX_WALK; walked++) {
    const child = run.nodes.get(waiting.pop() ?? "")
    if (child !== undefined && visit(child)) waiting.push(...child.children)
  }
}

/** The names of the steps around a turn, outermost first; the run's own agent and what wraps it are left out. */
export function pathTo(run: RunState, parent: string | undefined): string[] {
  const above = ancestors(run, parent)
  const outermost = above.findLastIndex((node) => node.role === "agent")
  const inside = outermost >= 0 ? above.slice(0, outermost) : above.filter((node) => !node.isTop)
  return inside
    .filter((node) => (node.role === "chain" && !node.isHidden) || node.role === "agent")
    .map((node) => node.name)
    .reverse()
}

/**
 * The conversations that a step sees, its own first. An agent that works inside a tool, or below a model call that
 * handed over to it, has its own conversation.
 */
export function scopesOf(run: RunState, parent: string | undefined): Scope[] {
  const above = ancestors(run, parent)
  const keys = above.filter((node, index) => {
    if (node.role === "tool") return true
    const outer = above.slice(index + 1).find((other) => other.role !== "chain" && other.role !== "context")
    return node.role === "agent" && outer?.role === "model"
  })
  return [...keys.map((node) => node.id), ""].map((key) => scopeFor(run, key))
}

function scopeFor(run: RunState, key: string): Scope {
  let scope = run.scopes.get(key)
  if (scope === undefined) {
    scope = createScope()
    run.scopes.set(key, scope)
  }
  return scope
}
