import { asObject, toText } from "@/lib/dialects/json"
import { type CallPart, callDigest } from "@/lib/dialects/messages/Message"
import type { Step } from "@/lib/dialects/traces/Step"
import type {
  KnownCall,
  Scope,
  ToolOutline,
  ToolTurns,
  TracedRun,
  UnmatchedTool,
} from "@/lib/dialects/traces/TracedRun"
import { ancestors, scopesOf, workAbove } from "@/lib/dialects/traces/tree"
import type { Json } from "@/lib/protocol/fields"

const MAX_CALLS = 2_000

/** Records the calls that a model requested. A call whose tool turn arrived first is marked as done. */
export function noteCalls(
  run: TracedRun,
  scopes: readonly Scope[],
  calls: readonly CallPart[],
  at: bigint,
): void {
  const [scope] = scopes
  if (scope === undefined) return
  for (const part of calls) {
    const digest = callDigest(part.name, part.arguments)
    if (part.id !== undefined && isKnownCall(scope, part.id, digest, at)) continue
    const call: KnownCall = {
      name: part.name,
      arguments: part.arguments,
      digest,
      order: run.callOrder++,
      askedAt: at,
      isDone: false,
    }
    if (part.id !== undefined) {
      call.id = part.id
      const known = toolTurnsOf(run, part.id)
      known.calls++
      if (known.turns >= known.calls) {
        markDone(call, known.last)
        claimEarly(scopes, (tool) => tool.id === call.id)
      }
    }
    if (!call.isDone) {
      const found = claimEarly(scopes, (early) => isEarly(early, call))
      if (found !== undefined) {
        if (call.id !== undefined) toolTurnsOf(run, call.id).turns++
        markDone(call)
        // The turn was counted in another scope, or without its arguments, so it is counted again here.
        if (found.tool.isBare || found.from !== scope) count(scope.toolCounts, call.digest)
      }
    }
    scope.calls.push(call)
  }
  if (scope.calls.length > MAX_CALLS) scope.calls.splice(0, scope.calls.length - MAX_CALLS)
}

/** Removes and returns a tool turn that arrived before its model call, perhaps before its scope was known. */
function claimEarly(
  scopes: readonly Scope[],
  test: (tool: UnmatchedTool) => boolean,
): { tool: UnmatchedTool; from: Scope } | undefined {
  for (const from of scopes) {
    const tool = from.unmatched.find(test)
    if (tool === undefined) continue
    from.unmatched.splice(from.unmatched.indexOf(tool), 1)
    return { tool, from }
  }
  return undefined
}

/** Returns true if a tool turn that no known call requested belongs to this call. */
export function isEarly(
  tool: UnmatchedTool,
  call: Pick<KnownCall, "id" | "name" | "arguments" | "digest">,
): boolean {
  if (tool.id !== undefined && call.id !== undefined) return tool.id === call.id
  return tool.name === call.name && sameArguments(tool, call)
}

/**
 * Returns true if this call was already recorded and is merely being reported again, rather than a new call that reuses
 * its id.
 */
function isKnownCall(scope: Scope, id: string, digest: string, at: bigint): boolean {
  const known = callById(scope, id)
  if (known === undefined) return false
  if (!known.isDone) return known.digest === digest
  return known.doneAt === undefined || at <= known.doneAt
}

/** Returns the newest call with this id that has no result yet, or else the newest one with this id. */
export function callById(scope: Scope, id: string): KnownCall | undefined {
  return (
    scope.calls.findLast((call) => call.id === id && !call.isDone) ??
    scope.calls.findLast((call) => call.id === id)
  )
}

function toolTurnsOf(run: TracedRun, id: string): ToolTurns {
  let known = run.toolTurns.get(id)
  if (known === undefined) {
    known = { calls: 0, turns: 0 }
    run.toolTurns.set(id, known)
  }
  return known
}

/**
 * Returns true if another instrumentation's step has already become the turn of this tool call. The call id alone
 * doesn't prove this, because many servers reuse ids.
 */
export function isRepeatedTool(run: TracedRun, step: Step): boolean {
  if (step.tool?.isTransport && workAbove(run, step.parent)?.role === "tool") return true
  const callId = step.tool?.callId
  const last = callId === undefined ? undefined : run.toolTurns.get(callId)?.last
  if (last === undefined) return false
  const isWithin = (inner: ToolOutline, outer: ToolOutline) =>
    ancestors(run, inner.parent).some((node) => node.id === outer.id)
  if (isWithin(step, last) || isWithin(last, step)) return true
  const overlap = step.start <= (last.end ?? last.start) && last.start <= (step.end ?? step.start)
  const { digest } = outline(step)
  const isSame = digest === undefined || last.digest === undefined || digest === last.digest
  return overlap && isSame && scopesOf(run, step.parent)[0] === scopesOf(run, last.parent)[0]
}

/** Finds a tool step's call by id, else by name and arguments, else the oldest open call that it may belong to. */
export function findCall(scopes: readonly Scope[], step: Step): KnownCall | undefined {
  const { callId, arguments: value = null, isBare = false } = step.tool ?? {}
  for (const scope of scopes) {
    if (callId !== undefined) {
      const byId = callById(scope, callId)
      if (byId !== undefined) return byId
      continue
    }
    const open = scope.calls.filter((call) => !call.isDone && call.name === step.name)
    const found =
      open.find((call) => sameArguments({ name: step.name, arguments: value, isBare }, call)) ??
      open.find((call) => !areDifferentCalls(value, call.arguments))
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns true if an argument that both calls of a tool have differs, so they must be different calls. */
function areDifferentCalls(one: Json, other: Json): boolean {
  const [first, second] = [asObject(one), asObject(other)]
  if (first === undefined || second === undefined) return false
  return Object.entries(first).some(
    ([name, value]) => second[name] !== undefined && toText(second[name]) !== toText(value),
  )
}

/** Records a tool turn that was built from the history of a model call, which started at `before`. */
export function noteRebuilt(scope: Scope, call: CallPart, before: bigint): void {
  const { id, name, arguments: value } = call
  const digest = callDigest(name, value)
  const rebuilt = { name, arguments: value, digest, before }
  scope.rebuilt.push(id === undefined ? rebuilt : { ...rebuilt, id })
  if (scope.rebuilt.length > MAX_CALLS) scope.rebuilt.shift()
}

/** Returns true if a step's turn was already built from a later call's history, and removes it from `rebuilt`. */
export function claimRebuilt(scopes: readonly Scope[], step: Step): boolean {
  const { callId, arguments: value = null, isBare = false } = step.tool ?? {}
  for (const { rebuilt } of scopes) {
    const index = rebuilt.findIndex((tool) => {
      if (step.start > tool.before) return false
      if (callId !== undefined && tool.id !== undefined) return tool.id === callId
      return tool.name === step.name && sameArguments({ name: step.name, arguments: value, isBare }, tool)
    })
    if (index < 0) continue
    rebuilt.splice(index, 1)
    return true
  }
  return false
}

function sameArguments(
  tool: { arguments: Json; isBare: boolean; name: string },
  call: Pick<KnownCall, "arguments" | "digest">,
): boolean {
  if (callDigest(tool.name, tool.arguments) === call.digest) return true
  if (!tool.isBare || typeof call.arguments !== "object" || call.arguments === null) return false
  const values = Object.values(call.arguments)
  return values.length === 1 && toText(values[0]) === toText(tool.arguments)
}

/** Records that a tool turn exists, and the call that it belongs to. */
export function noteTool(run: TracedRun, scope: Scope, step: Step, call: KnownCall | undefined): void {
  const value = call?.arguments ?? step.tool?.arguments ?? null
  count(scope.toolCounts, call?.digest ?? callDigest(step.name, value))
  const id = step.tool?.callId ?? call?.id
  if (id !== undefined) {
    const known = toolTurnsOf(run, id)
    known.turns++
    known.last = outline(step)
  }
  if (call !== undefined) markDone(call, step)
  else {
    const early = { name: step.name, arguments: value, isBare: step.tool?.isBare ?? false }
    scope.unmatched.push(id === undefined ? early : { ...early, id })
    if (scope.unmatched.length > MAX_CALLS) scope.unmatched.shift()
  }
}

function markDone(call: KnownCall, step?: ToolOutline): void {
  call.isDone = true
  if (step !== undefined) call.doneAt = step.start
}

function outline({ id, parent, start, end, tool }: Step): ToolOutline {
  return {
    ...{ id, start },
    ...(parent !== undefined && { parent }),
    ...(end !== undefined && { end }),
    ...(tool?.arguments !== undefined && { digest: callDigest("", tool.arguments) }),
  }
}

export function count(counts: Map<string, number>, key: string): number {
  const next = (counts.get(key) ?? 0) + 1
  counts.set(key, next)
  return next
}
