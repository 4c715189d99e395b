import { canonical } from "@/lib/dialects/digest"
import { toText } from "@/lib/dialects/json"
import {
  type CallPart,
  callDigest,
  callsOf,
  type Message,
  messageDigest,
  type ResultPart,
} from "@/lib/dialects/messages/Message"
import type { KnownCall, Scope, TracedRun, UnmatchedTool } from "@/lib/dialects/traces/TracedRun"
import { touch } from "@/lib/dialects/traces/TraceState"
import type { Json } from "@/lib/protocol/fields"
import { callById, count, isEarly } from "./calls"

const MAX_KEPT_RESULTS = 32
const MAX_KEPT_RESULT = 16_384

/** A tool result in a model's history that has no turn. */
export type UnseenResult = {
  call: CallPart
  result: ResultPart
  known?: KnownCall
  /** When the model call with this result in its history started, if that isn't the current call. */
  at?: bigint
}

/**
 * Returns the results in a call's input that have no turn, because the sender creates no spans for these tools. Results
 * from before this run's first call belong to an earlier run.
 */
export function unseenResults(
  run: TracedRun,
  scopes: readonly Scope[],
  input: readonly Message[],
): UnseenResult[] {
  const [scope] = scopes
  if (scope === undefined) return []
  const found: UnseenResult[] = []
  const early = scopes.flatMap((each) => each.unmatched.map((tool) => ({ tool, isOwn: each === scope })))
  const counts = new Map<string, number>()
  const idCounts = new Map<string, number>()
  const newFrom = scope.hasCalled ? sharedLength(scope.lastInput, input) : Number.POSITIVE_INFINITY
  for (const { result, index, ...answered } of resultsIn(input)) {
    const call = answered.call ?? knownPart(scope, result)
    if (call === undefined) continue
    const digest = callDigest(call.name, call.arguments)
    const occurrence = count(counts, digest)
    const known =
      call.id === undefined
        ? scope.calls.find((other) => other.digest === digest && !other.isDone)
        : callById(scope, call.id)
    if (known === undefined && (index < newFrom || takeEarly(early, call, digest))) continue
    if (call.id === undefined) {
      if (occurrence <= tally(scope, digest)) continue
    } else if (count(idCounts, call.id) <= (run.toolTurns.get(call.id)?.turns ?? 0)) {
      // A reused id. The new message is the result of the call that has no result so far.
      if (known === undefined || known.isDone || index < newFrom || known.digest !== digest) continue
    }
    found.push(known === undefined ? { call, result } : { call, result, known })
  }
  return found
}

type EarlyTool = { tool: UnmatchedTool; isOwn: boolean }

/** Removes a tool turn that already exists although its model call is unknown. Returns true if there is one. */
function takeEarly(early: EarlyTool[], call: CallPart, digest: string): boolean {
  const index = early.findIndex(
    ({ tool, isOwn }) =>
      // Without ids, tool turns of the same conversation are matched by counting those with the same arguments.
      (call.id !== undefined || tool.isBare || !isOwn) && isEarly(tool, { ...call, digest }),
  )
  if (index >= 0) early.splice(index, 1)
  return index >= 0
}

function tally(scope: Scope, digest: string): number {
  return (scope.toolCounts.get(digest) ?? 0) + (scope.earlierCounts.get(digest) ?? 0)
}

/** Records the results in the history of a conversation's first call. They aren't part of this run. */
export function noteEarlierResults(scope: Scope, input: readonly Message[], at: bigint): void {
  for (const { call, result } of resultsIn(input)) {
    if (call === undefined) continue
    const digest = callDigest(call.name, call.arguments)
    count(scope.earlierCounts, digest)
    if (call.id !== undefined && toText(result.result).length <= MAX_KEPT_RESULT)
      touch(scope.earlierResults, call.id, { result, digest, at }, MAX_KEPT_RESULTS)
  }
}

/** Returns results of these calls that were in a history read earlier, because requests arrived in the wrong order. */
export function lateResults(run: TracedRun, scope: Scope, calls: readonly CallPart[]): UnseenResult[] {
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

type ResultInHistory = { result: ResultPart; index: number; call: CallPart | undefined }

/**
 * Returns the results in a history with their calls. Messages sent one by one may be in the wrong order. A repeated
 * result is returned once: Gemini CLI repeats results in the history of a resumed session.
 */
function resultsIn(input: readonly Message[]): ResultInHistory[] {
  const found: ResultInHistory[] = []
  const pending: CallPart[] = []
  const answered = new Map<string, number>()
  let byId: Map<string | undefined, CallPart[]> | undefined
  input.forEach((message, index) => {
    pending.push(...callsOf([message]))
    for (const result of message.parts) {
      if (result.type !== "result") continue
      let call = takeCall(pending, result)
      if (result.id !== undefined) {
        const results = count(answered, result.id)
        if (call === undefined || results > 1) {
          byId ??= callsById(input)
          const calls = byId.get(result.id) ?? []
          if (calls.length > 0 && results > calls.length) continue
          call ??= calls.at(-1)
        }
      }
      found.push({ result, index, call })
    }
  })
  return found
}

function callsById(input: readonly Message[]): Map<string | undefined, CallPart[]> {
  const byId = new Map<string | undefined, CallPart[]>()
  for (const call of callsOf(input)) {
    const calls = byId.get(call.id)
    if (calls === undefined) byId.set(call.id, [call])
    else calls.push(call)
  }
  return byId
}

function takeCall(pending: CallPart[], result: ResultPart): CallPart | undefined {
  const by = (test: (call: CallPart) => boolean) => pending.findIndex(test)
  let index = result.id === undefined ? -1 : by((call) => call.id === result.id)
  if (index < 0 && result.id !== undefined && pending.some((call) => call.id !== undefined)) return undefined
  if (index < 0 && result.name !== undefined) index = by((call) => call.name === result.name)
  if (index < 0) index = 0
  return pending.splice(index, 1)[0]
}

/** Returns the call of a result from an earlier answer. For histories that contain only new messages. */
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

/** Returns how many messages of `input` were already in the last call's input. */
function sharedLength(lastInput: readonly string[], input: readonly Message[]): number {
  let shared = 0
  while (shared < lastInput.length && shared < input.length) {
    const message = input[shared]
    if (message === undefined || messageDigest(message) !== lastInput[shared]) break
    shared++
  }
  return shared
}

/** Returns the text of a tool's result: a string, or the text parts of a result of the Model Context Protocol. */
export function resultText(result: Json | undefined): string | undefined {
  if (typeof result === "string") return result === "" ? undefined : result
  if (typeof result !== "object" || result === null || Array.isArray(result)) return undefined
  const texts = (Array.isArray(result.content) ? result.content : []).flatMap((part) =>
    typeof part === "object" && part !== null && !Array.isArray(part) && typeof part.text === "string"
      ? [part.text]
      : [],
  )
  return texts.length === 0 ? undefined : texts.join("\n")
}

/** Returns the error of a tool's result of the form `{ error: … }` or `{ isError: true, content: [ … ] }`. */
export function errorInResult(result: Json | undefined): string | undefined {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return undefined
  if (result.isError === true) return resultText(result) ?? "the tool reported an error"
  const error = result.error
  if (error === undefined || error === null || error === false || error === "") return undefined
  if (typeof error === "string") return error
  if (typeof error === "object" && !Array.isArray(error) && typeof error.message === "string")
    return error.message
  return canonical(error)
}
