import { callsOf, messageText } from "@/lib/dialects/messages/Message"
import type { DialectTurn, Operation } from "@/lib/dialects/operations"
import { newPrompt } from "@/lib/dialects/traces/prompts"
import type { ModelCall, Step } from "@/lib/dialects/traces/Step"
import type { HeldStep, Node, Scope, TracedRun } from "@/lib/dialects/traces/TracedRun"
import {
  ancestors,
  isInnerAgent,
  isRooted,
  sameCallsBelow,
  scopesOf,
  walkBelow,
  workAbove,
} from "@/lib/dialects/traces/tree"
import { agentTurn, modelTurn, rebuiltTurn, sameError, toolTurn } from "./buildTurn"
import { claimRebuilt, findCall, isRepeatedTool, noteCalls, noteRebuilt, noteTool } from "./calls"
import { isLoggedWithin } from "./exceptions"
import { noteMissingUsage, usageOfStepAbove, usageTurn } from "./lateUsage"
import { lateResults, noteEarlierResults, type UnseenResult, unseenResults } from "./results"
import { applyCompletions, doneCallOf, hasContent, isRepetition, mergeInner } from "./sameCall"

/** Converts one step to operations. `next` are the steps that follow it in the queue. */
export function emitStep(
  run: TracedRun,
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
  run: TracedRun,
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
  if (isRepetition(run, node, step)) {
    emitWhatIsNew(run, node, step, operations)
    return
  }
  const call: ModelCall = mergeInner(run, node, step)
  const whole: Step = { ...step, model: call }
  const usage = call.usage ?? usageOfStepAbove(run, node)
  if (usage !== undefined) call.usage = usage
  else noteMissingUsage(run, step, call)
  const { prompt, hasText } = converse(run, whole, call, next, operations)
  node.lacks = { usage: usage === undefined, content: !hasText }
  if (call.responseId !== undefined) node.lacks.responseId = call.responseId
  run.modelTurns++
  noteLastModel(run, whole)
  push(run, step, modelTurn(run, whole, prompt), operations)
  emitLateResults(run, whole, call, operations)
}

/**
 * Adds a model call to its conversation. Emits turns for tool calls that appear only in the call's history, and returns
 * the new prompt.
 */
function converse(
  run: TracedRun,
  step: Step,
  call: ModelCall,
  next: readonly HeldStep[],
  operations: Operation[],
): { prompt: string | undefined; hasText: boolean } {
  const scopes = scopesOf(run, step.parent)
  const scope = scopes[0]
  if (scope === undefined) return { prompt: undefined, hasText: false }
  const input = call.input ?? []
  if (!scope.hasCalled) noteEarlierResults(scope, input, step.start)
  for (const unseen of unseenResults(run, scopes, input)) emitRebuilt(run, scope, step, unseen, operations)
  const prompt = call.input === undefined ? separatePrompt(run, step) : newPrompt(scopes, input)
  scope.hasCalled = true
  if (call.input !== undefined) settlePrompt(run, step, prompt)
  if ((call.output ?? []).every((message) => messageText(message) === ""))
    call.output = answerInHistory(run, scope, step, next) ?? call.output ?? []
  noteCalls(run, scopes, callsOf(call.output ?? []), step.end ?? step.start)
  const hasText = prompt !== undefined || input.length > 0 || hasContent(call.output)
  if (hasText || run.modelTurns === 0) run.contentIsMissing = !hasText
  return { prompt, hasText }
}

function emitLateResults(run: TracedRun, step: Step, call: ModelCall, operations: Operation[]): void {
  const [scope] = scopesOf(run, step.parent)
  if (scope === undefined) return
  for (const late of lateResults(run, scope, callsOf(call.output ?? [])))
    emitRebuilt(run, scope, step, late, operations)
}

/**
 * Handles the second report of a call whose turn exists and can't be changed. Emits the call's usage if the turn has
 * none, and the tools in its history if the turn was recorded without its content.
 */
function emitWhatIsNew(run: TracedRun, node: Node, step: Step, operations: Operation[]): void {
  const lacks = doneCallOf(run, node)?.lacks
  const { usage, input, output } = step.model ?? {}
  if (lacks === undefined || node.isAggregate) return
  if (lacks.usage && usage !== undefined) {
    lacks.usage = false
    operations.push(usageTurn(run, step.id, step.end, usage, lacks.responseId))
  }
  if (lacks.content && (input !== undefined || hasContent(output))) {
    lacks.content = false
    const call: ModelCall = { ...step.model }
    converse(run, step, call, [], operations)
    noteLastModel(run, step)
    emitLateResults(run, step, call, operations)
  }
}

/** Returns a prompt from a separate record, or from the input of the enclosing agent. */
function separatePrompt(run: TracedRun, step: Step): string | undefined {
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

/** Drops a prompt from a separate record if the call's own input contains it. */
function settlePrompt(run: TracedRun, step: Step, text: string | undefined): void {
  if (step.start > run.promptsKnownUntil) run.promptsKnownUntil = step.start
  const pending = run.prompt
  if (pending === undefined || text?.includes(pending.text) !== true) return
  delete run.prompt
  run.usedPrompts.add(pending.text)
}

/** Finds a streamed answer, which its own span lacks, in the history of the next call. */
function answerInHistory(run: TracedRun, scope: Scope, step: Step, next: readonly HeldStep[]) {
  const following = next.find(
    (held) => held.step.role === "model" && scopesOf(run, held.step.parent)[0] === scope,
  )
  const input = following?.step.model?.input
  const length = step.model?.input?.length
  if (input === undefined || length === undefined || input.length <= length) return undefined
  const answer = input.slice(length).find((message) => message.role === "assistant")
  return answer !== undefined && messageText(answer) !== "" ? [answer] : undefined
}

function noteLastModel(run: TracedRun, step: Step): void {
  if (run.lastModel !== undefined && step.start < run.lastModel.at) return
  run.lastModel = {
    at: step.start,
    text: (step.model?.output ?? []).map(messageText).filter(Boolean).join("\n"),
  }
  if (step.error !== undefined) run.lastModel.error = step.error
  if (step.model?.finish !== undefined) run.lastModel.finish = step.model.finish
}

function emitRebuilt(
  run: TracedRun,
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

/** Returns the id of a turn built from the history. If call ids are reused, the turn's id includes a number. */
function rebuiltId(callId: string, n: number): string {
  return n === 1 ? `call:${callId}` : `call:${callId}:${n}`
}

function emitTool(run: TracedRun, node: Node, step: Step, operations: Operation[]): void {
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

function emitAgent(run: TracedRun, node: Node, step: Step, operations: Operation[]): void {
  if (isInnerAgent(run, node)) {
    node.isDone = true
    const turn = agentTurn(run, step)
    dropRepeatedError(run, node, turn)
    push(run, step, turn, operations)
  } else if (isRooted(run, node) || workAbove(run, node.parent) !== undefined) node.isDone = true
  else run.undecided.push(step)
}

/** Removes an error that an inner step has already reported, because the same exception was passed on. */
function dropRepeatedError(run: TracedRun, node: Node, turn: DialectTurn): void {
  const error = turn.error
  if (error === undefined) return
  if (isLoggedWithin(run, node, error)) delete turn.error
  walkBelow(run, node, (inner) => {
    const isTurn = inner.role === "model" || inner.role === "tool"
    if (isTurn && inner.error !== undefined && sameError(inner.error, error)) delete turn.error
    return turn.error !== undefined
  })
}

function push(run: TracedRun, step: Step, turn: DialectTurn, operations: Operation[]): void {
  if (run.lastTurn === undefined || step.start >= run.lastTurn.at)
    run.lastTurn = { at: step.start, kind: turn.kind ?? "model" }
  operations.push({ op: "turn", key: run.key, id: step.id, turn })
}
