import { callsOf, messageText, messageThinking } from "@/lib/dialects/messages/Message"
import type { DialectTurn } from "@/lib/dialects/operations"
import { isoOfNanos } from "@/lib/dialects/times"
import type { ModelCall, Step, StepError } from "@/lib/dialects/traces/Step"
import type { Node, TracedRun } from "@/lib/dialects/traces/TracedRun"
import { pathTo } from "@/lib/dialects/traces/tree"
import type { Json } from "@/lib/protocol/fields"
import { errorInResult, resultText, type UnseenResult } from "./results"

/** Text that marks a result as failed if nothing else does: `Error: …`, `TimeoutError: …`. */
const ERROR_TEXT = /^(?:[A-Z]\w*)?Error:\s/

export function modelTurn(run: TracedRun, step: Step, prompt: string | undefined): DialectTurn {
  const call: ModelCall = step.model ?? {}
  const turn = baseTurn(run, step)
  turn.kind = "model"
  if (prompt !== undefined) turn.prompt = prompt
  const output = call.output ?? []
  const message = output.map(messageText).filter(Boolean).join("\n")
  const thinking = output.map(messageThinking).filter(Boolean).join("\n")
  if (message !== "") turn.message = message
  if (thinking !== "") turn.thinking = thinking
  if (call.model !== undefined) turn.model = call.model
  if (call.usage !== undefined) turn.usage = call.usage
  if (call.cost !== undefined) turn.cost_usd = call.cost
  if (call.responseId !== undefined) turn.response_id = call.responseId
  const calls = callsOf(output)
  const attributes = turn.attributes ?? {}
  if (calls.length > 0)
    attributes.tool_calls = calls.map(({ id, name }) => (id === undefined ? { name } : { id, name }))
  if (call.finish !== undefined) attributes.finish_reason = call.finish
  if (Object.keys(attributes).length > 0) turn.attributes = attributes
  return turn
}

export function toolTurn(
  run: TracedRun,
  step: Step,
  callId: string | undefined,
  value: Json | undefined,
): DialectTurn {
  const turn = baseTurn(run, step)
  turn.kind = step.tool?.isHandoff ? "agent" : "tool"
  turn.tool = step.name
  if (value !== undefined && value !== null) turn.parameters = value
  const result = step.tool?.result
  if (result !== undefined && result !== null) turn.output = result
  if (callId !== undefined) turn.call_id = callId
  const failed = turn.error === undefined ? errorInResult(result) : undefined
  if (failed !== undefined) turn.error = { message: failed }
  else if (step.tool?.hasFailed)
    turn.error ??= { message: resultText(result) ?? "the tool reported an error" }
  if (step.tool?.rejectedBy !== undefined) {
    turn.policy_rejected = true
    turn.attributes = { ...turn.attributes, denied_by: step.tool.rejectedBy }
  }
  if (step.tool?.exitCode !== undefined) turn.exit_code = step.tool.exitCode
  if (step.model?.model !== undefined) turn.model = step.model.model
  if (step.model?.usage !== undefined) turn.usage = step.model.usage
  return turn
}

/** Builds a tool turn from the next model call's history. */
export function rebuiltTurn(
  run: TracedRun,
  caller: Step,
  { call, result, known }: UnseenResult,
): DialectTurn {
  const turn: DialectTurn = { kind: "tool", tool: call.name }
  const value = known?.arguments ?? call.arguments
  if (value !== null) turn.parameters = value
  if (result.result !== null) turn.output = result.result
  if (call.id !== undefined) turn.call_id = call.id
  const startedAt = known === undefined ? undefined : isoOfNanos(known.askedAt)
  if (startedAt !== undefined) turn.started_at = startedAt
  const path = pathTo(run, caller.parent)
  if (path.length > 0) turn.path = path
  const failed = errorInResult(result.result)
  const text = typeof result.result === "string" ? result.result : undefined
  if (failed !== undefined) turn.error = { message: failed }
  else if (result.isError || (text !== undefined && ERROR_TEXT.test(text)))
    turn.error = { message: text ?? "the tool reported an error" }
  return turn
}

export function agentTurn(run: TracedRun, step: Step): DialectTurn {
  const turn = baseTurn(run, step)
  turn.kind = "agent"
  if (step.input !== undefined) turn.prompt = step.input
  if (step.output !== undefined) turn.message = step.output
  turn.attributes = { ...turn.attributes, agent: step.agentName ?? step.name }
  return turn
}

function baseTurn(run: TracedRun, step: Step): DialectTurn {
  const turn: DialectTurn = {}
  const startedAt = isoOfNanos(step.start)
  if (startedAt !== undefined) turn.started_at = startedAt
  const duration = durationMs(step, run.nodes.get(step.id))
  if (duration !== undefined) turn.duration_ms = duration
  const path = pathTo(run, step.parent)
  if (path.length > 0) turn.path = path
  if (step.error !== undefined) turn.error = { ...step.error }
  turn.attributes = { ...step.attributes, span_id: step.id }
  return turn
}

/** Computes a duration. A model call counts as ended when its first tool starts, even if its span ends later. */
function durationMs(step: Step, node: Node | undefined): number | undefined {
  if (step.end === undefined || step.end < step.start || step.start <= 0n) return undefined
  const work = step.role === "model" ? node?.firstWorkAt : undefined
  const end = work !== undefined && work > step.start && work < step.end ? work : step.end
  return Math.round(Number(end - step.start) / 1000) / 1000
}

/** Returns true if two errors are the same exception, reported at two levels of the tree. */
export function sameError(a: StepError, b: StepError): boolean {
  const [first, second] = [firstLine(a.message), firstLine(b.message)]
  return first !== "" && (first === second || first.endsWith(second) || second.endsWith(first))
}

function firstLine(text: string): string {
  return (text.split("\n", 1)[0] ?? "").trim()
}
