import {
  type CallPart,
  callDigest,
  callsOf,
  type Message,
  messageDigest,
  type ResultPart,
} from "@/lib/dialects/messages/Message"
import { canonical, toText } from "@/lib/dialects/values"
import type { Json } from "@/lib/protocol/fields"
import type { KnownCall, RunState, Scope, ToolOutline, ToolTurns } from "./RunState"
import type { Step } from "./Step"
import { touch } from "./TraceState"
import { ancestors, scopesOf } from "./tree"

const MAX_CALLS = 2_000
const MAX_KEPT_RESULTS = 32
const MAX_KEPT_RESULT = 16_384

/** A tool result that stands in a model's history and has no turn. */
export type UnseenResult = {
  call: CallPart
  result: ResultPart
  known?: KnownCall
  /** When the model call began whose history has it, if that isn't the one at hand. */
  at?: bigint
}

/** Remembers what a model asked for. Calls whose tool turn came first are recognised as done. */
export function noteCalls(run: RunState, scope: Scope, calls: readonly CallPart[], at: bigint): void {
  for (const part of calls) {
    const digest = callDigest(part.name, part.arguments)
    if (part.id !== undefined && isAskedAgain(scope, part.id, digest, at)) continue
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
      known.asked++
      if (known.turns >= known.asked) markDone(call, known.last)
    }
    if (!call.isDone) {
      const early = scope.unmatched.findIndex((tool) => tool.name === call.name && sameArguments(tool, call))
      if (early >= 0) {
        const [tool] = scope.unmatched.splice(early, 1)
        if (call.id !== undefined) toolTurnsOf(run, call.id).turns++
        markDone(call)
        if (tool?.isBare) count(scope.toolCounts, call.digest)
      }
    }
    scope.calls.push(call)
  }
  if (scope.calls.length > MAX_CALLS) scope.calls.splice(0, scope.calls.length - MAX_CALLS)
}

/** Whether an answer names a call that is known: the same answer in other words, unless the id was used up before. */
function isAskedAgain(scope: Scope, id: string, digest: string, at: bigint): boolean {
  const known = callById(scope, id)
  if (known === undefined) return false
  if (!known.isDone) return known.digest === digest
  return known.doneAt === undefined || at <= known.doneAt
}

/** The call of an id that waits for its tool, or else the newest one. */
export function callById(scope: Scope, id: string): KnownCall | undefined {
  return (
    scope.calls.findLast((call) => call.id === id && !call.isDone) ??
    scope.calls.findLast((call) => call.id === id)
  )
}

function toolTurnsOf(run: RunState, id: string): ToolTurns {
  let known = run.toolTurns.get(id)
  if (known === undefined) {
    known = { asked: 0, turns: 0 }
    run.toolTurns.set(id, known)
  }
  return known
}

/**
 * Whether a tool's turn is there already, from another instrumentation's step. A call id that comes again isn't enough:
 * many servers use their ids again.
 */
export function isRepeatedTool(run: RunState, step: Step): boolean {
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

/** The call that a tool step carries out: by id, else by name and arguments, else the oldest open one of that name. */
export function findCall(scopes: readonly Scope[], step: Step): KnownCall | undefined {
  const { callId, arguments: value = null, isBare = false } = step.tool ?? {}
  for (const scope of scopes) {
    if (callId !== undefined) {
      const byId = callById(scope, callId)
      if (byId !== undefined) return byId
      continue
    }
    const open = scope.calls.filter((call) => !call.isDone && call.name === step.name)
    const exact = open.find((call) => sameArguments({ name: step.name, arguments: value, isBare }, call))
    if (exact !== undefined) return exact
    if (open[0] !== undefined) return open[0]
  }
  return undefined
}

/** Notes a tool turn that was made from the history of a model call, which began at `before`. */
export function noteRebuilt(scope: Scope, call: CallPart, before: bigint): void {
  const { id, name, arguments: value } = call
  const digest = callDigest(name, value)
  const rebuilt = { name, arguments: value, digest, before }
  scope.rebuilt.push(id === undefined ? rebuilt : { ...rebuilt, id })
  if (scope.rebuilt.length > MAX_CALLS) scope.rebuilt.shift()
}

/** Whether a tool step came too late: its turn was made from a later call's history. Claims that turn. */
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

/** Notes that a tool turn exists, with the call it belongs to. */
export function noteTool(run: RunState, scope: Scope, step: Step, call: KnownCall | undefined): void {
  const value = call?.arguments ?? step.tool?.arguments ?? null
  count(scope.toolCounts, call?.digest ?? callDigest(step.name, value))
  const id = step.tool?.callId ?? call?.id
  if (id !== undefined) {
    const known = toolTurnsOf(run, id)
    known.turns++
    known.last = outline(step)
  }
  if (call !== undefined) markDone(call, step)
  else if (step.tool?.callId === undefined) {
    scope.unmatched.push({ name: step.name, arguments: value, isBare: step.tool?.isBare ?? false })
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

/**
 * The results in a call's input that have no turn: tools whose sender makes no span of them. Results that were
 * already there before this run's first call belong to an earlier run.
 */
export function unseenResults(run: RunState, scope: Scope, input: readonly Message[]): UnseenResult[] {
  const found: UnseenResult[] = []
  const pending: CallPart[] = []
  const counts = new Map<string, number>()
  const idCounts = new Map<string, number>()
  const newFrom = scope.hasCalled ? sharedLength(scope.lastInput, input) : Number.POSITIVE_INFINITY
  input.forEach((message, index) => {
    pending.push(...callsOf([message]))
    for (const result of message.parts) {
      if (result.type !== "result") continue
      const call = takeCall(pending, result) ?? knownPart(scope, result)
      if (call === undefined) continue
      const digest = callDigest(call.name, call.arguments)
      const occurrence = count(counts, digest)
      const known =
        call.id === undefined
          ? scope.calls.find((other) => other.digest === digest && !other.isDone)
          : callById(scope, call.id)
      if (known === undefined && index < newFrom) continue
      if (call.id === undefined) {
        if (occurrence <= tally(scope, digest)) continue
      } else if (count(idCounts, call.id) <= (run.toolTurns.get(call.id)?.turns ?? 0)) {
        // An id that is used again: a new message is the result of the call that still waits for one.
        if (known === undefined || known.isDone || index < newFrom || known.digest !== digest) continue
      }
      found.push(known === undefined ? { call, result } : { call, result, known })
    }
  })
  return found
}

function tally(scope: Scope, digest: string): number {
  return (scope.toolCounts.get(digest) ?? 0) + (scope.earlierCounts.get(digest) ?? 0)
}

/** Before the first call of a conversation: results that its history brings along are not this run's. */
export function noteEarlierResults(scope: Scope, input: readonly Message[], at: bigint): void {
  const pending: CallPart[] = []
  for (const message of input) {
    pending.push(...callsOf([message]))
    for (const result of message.parts) {
      if (result.type !== "result") continue
      const call = takeCall(pending, result)
      if (call === undefined) continue
      count(scope.earlierCounts, callDigest(call.name, call.arguments))
      if (call.id !== undefined && toText(result.result).length <= MAX_KEPT_RESULT)
        touch(
          scope.earlierResults,
          call.id,
          { result, digest: callDigest(call.name, call.arguments), at },
          MAX_KEPT_RESULTS,
        )
    }
  }
}

/** Results of these calls that an earlier-read history already had: requests may arrive in another order. */
export function lateResults(run: RunState, scope: Scope, calls: readonly CallPart[]): UnseenResult[] {
  return calls.flatMap((call) => {
    const earlier = call.id === undefined ? undefined : scope.earlierResults.get(call.id)
    if (call.id === undefined || earlier?.digest !== callDigest(call.name, call.arguments)) return []
    const known = callById(scope, call.id)
    if (known?.isDone === true || (run.toolTurns.get(call.id)?.turns ?? 0) > 0) return []
    scope.earlierResults.delete(call.id)
    const { result, at } = earlier
    return [known === undefined ? { call, result, at } : { call, result, at, known }]
  })
}

function takeCall(pending: CallPart[], result: ResultPart): CallPart | undefined {
  const by = (test: (call: CallPart) => boolean) => pending.findIndex(test)
  let index = result.id === undefined ? -1 : by((call) => call.id === result.id)
  if (index < 0 && result.id !== undefined && pending.some((call) => call.id !== undefined)) return undefined
  if (index < 0 && result.name !== undefined) index = by((call) => call.name === result.name)
  if (index < 0) index = 0
  return pending.splice(index, 1)[0]
}

/** In a history of new messages alone, the call stands in an earlier answer. */
function knownPart(scope: Scope, result: ResultPart): CallPart | undefined {
  const call = result.id === undefined ? undefined : callById(scope, result.id)
  return call === undefined
    ? undefined
    : {
        type: "call",
        name: call.name,
        arguments: call.arguments,
        ...(call.id === undefined ? {} : { id: call.id }),
      }
}

/** How many messages of `input` the last call's input already had. */
function sharedLength(lastInput: readonly string[], input: readonly Message[]): number {
  let shared = 0
  while (shared < lastInput.length && shared < input.length) {
    const message = input[shared]
    if (message === undefined || messageDigest(message) !== lastInput[shared]) break
    shared++
  }
  return shared
}

function count(counts: Map<string, number>, key: string): number {
  const next = (counts.get(key) ?? 0) + 1
  counts.set(key, next)
  return next
}

/** `{ error: … }` as a tool's result says that it failed. */
export function errorInResult(result: Json | undefined): string | undefined {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return undefined
  const error = result.error
  if (error === undefined || error === null || error === false || error === "") return undefined
  if (typeof error === "string") return error
  if (typeof error === "object" && !Array.isArray(error) && typeof error.message === "string")
    return error.message
  return canonical(error)
}
