import { callsOf, messageText } from "@/lib/dialects/messages/Message"
import type { DialectTurn, Operation } from "@/lib/dialects/operations"
import { isoOfNanos } from "@/lib/dialects/values"
import { agentTurn, modelTurn, rebuiltTurn, sameError, toolTurn } from "./buildTurn"
import {
  claimRebuilt,
  findCall,
  isRepeatedTool,
  lateResults,
  noteCalls,
  noteEarlierResults,
  noteRebuilt,
  noteTool,
  type UnseenResult,
  unseenResults,
} from "./calls"
import { newPrompt } from "./prompts"
import type { HeldStep, Node, RunState, Scope } from "./RunState"
import type { ModelCall, Step, Usage } from "./Step"
import { touch } from "./TraceState"
import { ancestors, isInnerAgent, isRooted, sameCallsBelow, scopesOf, walkBelow, workAbove } from "./tree"

/** Turns one step into operations. `next` are the steps that follow it in the queue. */
export function emitStep(
  run: RunState,
  step: Step,
  next: readonly HeldStep[],
  operations: Operation[],
): void {
  const node = run.nodes.get(step.id)
  if (node === undefined || node.isDone) return
  applyCompletions(run, step)
  if (step.role === "model") emitModel(run, node, step, next, operations)
  else if (step.role === "tool") emitTool(run, node, step, operations)
  else if (step.role === "agent") emitAgent(run, node, step, operations)
}

function emitModel(
  run: RunState,
  node: Node,
  step: Step,
  next: readonly HeldStep[],
  operations: Operation[],
): void {
  if (node.isAggregate && run.isEnding !== true && sameCallsBelow(run, node).length === 0) {
    run.undecided.push(step)
    return
  }
  node.isDone = true
  if (isRepetition(run, node, step)) return
  const call: ModelCall = mergeInner(run, node, step)
  const whole: Step = { ...step, model: call }
  const usage = call.usage ?? usageOfStepAbove(run, node)
  if (usage !== undefined) call.usage = usage
  else noteMissingUsage(run, step, call)
  const scopes = scopesOf(run, step.parent)
  const scope = scopes[0]
  if (scope === undefined) return
  const input = call.input ?? []
  if (!scope.hasCalled) noteEarlierResults(scope, input, step.start)
  for (const unseen of unseenResults(run, scope, input)) emitRebuilt(run, scope, whole, unseen, operations)
  const prompt = call.input === undefined ? separatePrompt(run, step) : newPrompt(scopes, input)
  scope.hasCalled = true
  if (call.input !== undefined) settlePrompt(run, step, prompt)
  if ((call.output ?? []).every((message) => messageText(message) === ""))
    call.output = answerInHistory(run, scope, step, next) ?? call.output ?? []
  noteCalls(run, scope, callsOf(call.output ?? []), step.end ?? step.start)
  const hasText = prompt !== undefined || input.length > 0 || hasContent(call.output)
  if (hasText || run.modelTurns === 0) run.contentIsMissing = !hasText
  run.modelTurns++
  noteLastModel(run, whole)
  push(run, step, modelTurn(run, whole, prompt), operations)
  for (const late of lateResults(run, scope, callsOf(call.output ?? [])))
    emitRebuilt(run, scope, whole, late, operations)
}

/** The same call in another instrumentation's words: one that is already a turn, or a sum of several. */
function isRepetition(run: RunState, node: Node, step: Step): boolean {
  if (step.completedBy?.some((key) => run.usedKeys.has(key))) return true
  for (const key of step.completedBy ?? []) run.usedKeys.add(key)
  const below = sameCallsBelow(run, node)
  if (below.length > 0 && (node.isAggregate || below.some((inner) => inner.isDone))) return true
  const above = workAbove(run, node.parent)
  return above?.role === "model" && above.isDone && !above.isAggregate
}

/** Joins what the spans below say of the same call: usage, id and times from the innermost, content from the richest. */
function mergeInner(run: RunState, node: Node, step: Step): ModelCall {
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

function hasContent(output: ModelCall["output"]): boolean {
  return output?.some((message) => message.parts.length > 0) === true
}

function noteMissingUsage(run: RunState, step: Step, call: ModelCall): void {
  if (step.parent === undefined || call.responseId === undefined) return
  touch(run.withoutUsage, step.parent, { responseId: call.responseId }, 1_000)
}

/**
 * Usage that came after its model turn: turns can't be changed, so it gets a separate one. Both carry the response's
 * id, under which usage counts once.
 */
export function emitLateUsage(run: RunState, operations: Operation[]): void {
  for (const [id, { responseId }] of run.withoutUsage) {
    const step = run.nodes.get(id)
    if (step?.end === undefined) continue
    run.withoutUsage.delete(id)
    const usage = usageWithin(run, step)
    if (usage === undefined) continue
    const turn: DialectTurn = { kind: "system", event: "usage", response_id: responseId, usage }
    const at = isoOfNanos(step.end)
    if (at !== undefined) turn.started_at = at
    operations.push({ op: "turn", key: run.key, id: `${id}:usage`, turn })
  }
}

/** A step around the call reports its usage: what is nested in it belongs to others. */
function usageOfStepAbove(run: RunState, node: Node): Usage | undefined {
  const above = node.parent === undefined ? undefined : run.nodes.get(node.parent)
  return above === undefined ? undefined : usageWithin(run, above)
}

function usageWithin(run: RunState, above: Node): Usage | undefined {
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

/** A prompt from a separate record, or as the input of the agent around the call. */
function separatePrompt(run: RunState, step: Step): string | undefined {
  const pending = run.prompt
  if (pending !== undefined) {
    delete run.prompt
    run.usedPrompts.add(pending.text)
    return pending.text
  }
  const input = ancestors(run, step.parent).find((node) => node.role === "agent")?.input
  if (input === undefined || run.usedPrompts.has(input)) return undefined
  run.usedPrompts.add(input)
  return input
}

/** Prompts before a call that says what it was asked stand in its input: records of their own add nothing. */
function settlePrompt(run: RunState, step: Step, text: string | undefined): void {
  if (step.start > run.promptsKnownUntil) run.promptsKnownUntil = step.start
  const pending = run.prompt
  if (pending === undefined || text?.includes(pending.text) !== true) return
  delete run.prompt
  run.usedPrompts.add(pending.text)
}

/** A streamed answer that its own span lacks stands in the history of the next call. */
function answerInHistory(run: RunState, scope: Scope, step: Step, next: readonly HeldStep[]) {
  const following = next.find(
    (held) => held.step.role === "model" && scopesOf(run, held.step.parent)[0] === scope,
  )
  const input = following?.step.model?.input
  const length = step.model?.input?.length
  if (input === undefined || length === undefined || input.length <= length) return undefined
  const answer = input.slice(length).find((message) => message.role === "assistant")
  return answer !== undefined && messageText(answer) !== "" ? [answer] : undefined
}

function noteLastModel(run: RunState, step: Step): void {
  if (run.lastModel !== undefined && step.start < run.lastModel.at) return
  run.lastModel = {
    at: step.start,
    text: (step.model?.output ?? []).map(messageText).filter(Boolean).join("\n"),
  }
  if (step.error !== undefined) run.lastModel.error = step.error
  if (step.model?.finish !== undefined) run.lastModel.finish = step.model.finish
}

function emitRebuilt(
  run: RunState,
  scope: Scope,
  caller: Step,
  unseen: UnseenResult,
  operations: Operation[],
) {
  const { call, known } = unseen
  const tool: Step = {
    ...caller,
    name: call.name,
    tool: { arguments: call.arguments, ...(call.id === undefined ? {} : { callId: call.id }) },
  }
  noteTool(run, scope, tool, known)
  noteRebuilt(scope, call, unseen.at ?? caller.start)
  const id =
    call.id === undefined
      ? `${caller.id}:${scope.toolCounts.size}:${run.callOrder++}`
      : rebuiltId(call.id, run.toolTurns.get(call.id)?.turns ?? 1)
  operations.push({ op: "turn", key: run.key, id, turn: rebuiltTurn(run, caller, unseen) })
}

/** The id of a call's rebuilt turn; the n-th of its id, where ids are used again. */
function rebuiltId(callId: string, n: number): string {
  return n === 1 ? `call:${callId}` : `call:${callId}:${n}`
}

function emitTool(run: RunState, node: Node, step: Step, operations: Operation[]): void {
  node.isDone = true
  const scopes = scopesOf(run, step.parent)
  const callId = step.tool?.callId
  if (isRepeatedTool(run, step)) return
  if (step.completedBy?.some((key) => run.usedKeys.has(key))) return
  for (const key of step.completedBy ?? []) run.usedKeys.add(key)
  if (claimRebuilt(scopes, step)) return
  const call = findCall(scopes, step)
  const scope = scopes[0]
  if (scope === undefined) return
  noteTool(run, scope, step, call)
  const value =
    step.tool?.isBare || step.tool?.arguments === undefined ? call?.arguments : step.tool.arguments
  const turn = toolTurn(run, step, callId ?? call?.id, value ?? step.tool?.arguments)
  dropRepeatedError(run, node, turn)
  push(run, step, turn, operations)
}

function emitAgent(run: RunState, node: Node, step: Step, operations: Operation[]): void {
  if (isInnerAgent(run, node)) {
    node.isDone = true
    const turn = agentTurn(run, step)
    dropRepeatedError(run, node, turn)
    push(run, step, turn, operations)
  } else if (isRooted(run, node) || workAbove(run, node.parent) !== undefined) node.isDone = true
  else run.undecided.push(step)
}

/** An exception repeated up the tree is one error, at the innermost step. */
function dropRepeatedError(run: RunState, node: Node, turn: DialectTurn): void {
  const error = turn.error
  if (error === undefined) return
  walkBelow(run, node, (inner) => {
    const isTurn = inner.role === "model" || inner.role === "tool"
    if (isTurn && inner.error !== undefined && sameError(inner.error, error)) delete turn.error
    return turn.error !== undefined
  })
}

function push(run: RunState, step: Step, turn: DialectTurn, operations: Operation[]): void {
  if (run.lastTurn === undefined || step.start >= run.lastTurn.at)
    run.lastTurn = { at: step.start, kind: turn.kind ?? "model" }
  operations.push({ op: "turn", key: run.key, id: step.id, turn })
}

/** Adds what came in records of their own. */
function applyCompletions(run: RunState, step: Step): void {
  for (const key of step.completedBy ?? []) {
    const completion = run.completions.get(key)
    if (completion === undefined) continue
    run.completions.delete(key)
    if (Object.keys(completion.model).length > 0) step.model = { ...completion.model, ...step.model }
    if (Object.keys(completion.tool).length > 0) step.tool = { ...completion.tool, ...step.tool }
    if (completion.error !== undefined) step.error ??= completion.error
  }
}
