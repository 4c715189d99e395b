import {
  asArray,
  asObject,
  asText,
  type JsonObject,
  parseIfJson,
  parseIfStructured,
} from "@/lib/dialects/json"
import { toolMessage } from "@/lib/dialects/messages/langChain"
import { type Message, messageText } from "@/lib/dialects/messages/Message"
import { readRequest, readResponse } from "@/lib/dialects/messages/readExchange"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { unwrapResult } from "@/lib/dialects/messages/readParts"
import { isPlumbing } from "@/lib/dialects/otel/conventions/langGraph"
import { detailedUsage } from "@/lib/dialects/otel/usage"
import { nanosOf } from "@/lib/dialects/times"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { ModelCall, Step, StepError, ToolCall } from "@/lib/dialects/traces/Step"
import type { Json } from "@/lib/protocol/fields"

/** Converts the parts of a LangSmith run received so far to a step. */
export function readRun(id: string, run: JsonObject): Step {
  const extra = asObject(parseIfJson(run.extra))
  const metadata = asObject(extra?.metadata) ?? {}
  const name = asText(run.name) ?? "run"
  const step: Step = {
    trace: asText(run.trace_id) ?? rootOf(asText(run.dotted_order)) ?? id,
    id,
    role: "chain",
    name,
    start: nanosOf(run.start_time) ?? startOf(asText(run.dotted_order)) ?? 0n,
  }
  const parent = asText(run.parent_run_id)
  if (parent !== undefined) step.parent = parent
  const end = nanosOf(run.end_time)
  if (end !== undefined) step.end = end < step.start ? step.start : end
  const error = errorOf(run.error)
  if (error !== undefined) step.error = error
  const session =
    asText(metadata.thread_id) ?? asText(metadata.session_id) ?? asText(metadata.conversation_id)
  if (session !== undefined) step.session = session
  addRole(step, asText(run.run_type) ?? "chain", run, metadata)
  return step
}

function addRole(step: Step, type: string, run: JsonObject, metadata: JsonObject): void {
  if (type === "llm") {
    step.role = "model"
    step.model = modelCall(run, metadata)
  } else if (type === "tool" || type === "retriever" || type === "embedding") {
    step.role = "tool"
    step.tool = toolCall(run)
  } else {
    addChain(step, run, metadata)
  }
}

/** Reads a chain. LangGraph's graphs and top-level runs are agents; nodes and runnables are their steps. */
function addChain(step: Step, run: JsonObject, metadata: JsonObject): void {
  const hidden = asArray(run.tags).includes("langsmith:hidden") || isPlumbing(step.name)
  const isNode = asText(metadata.langgraph_node) === step.name
  const isGraph = asArray(asObject(parseIfJson(run.serialized))?.id).includes("CompiledStateGraph")
  if (step.parent === undefined || isGraph || (!hidden && !isNode && metadata.langgraph_node !== undefined)) {
    step.role = "agent"
    step.agentName = step.name
  } else if (hidden) step.isHidden = true
  const inputs = asObject(parseIfJson(run.inputs))
  const outputs = asObject(parseIfJson(run.outputs))
  const input = newestUserText(readRequest(inputs as Json) ?? []) ?? onlyText(inputs)
  if (input !== undefined) step.input = input
  const output = lastAnswer(outputs) ?? onlyText(outputs)
  if (output !== undefined) step.output = output
}

function lastAnswer(outputs: JsonObject | undefined): string | undefined {
  const last = readMessages(outputs?.messages ?? asObject(outputs?.output)?.messages ?? null).at(-1)
  return last?.role === "assistant" ? asText(messageText(last)) : undefined
}

/** Returns the text of an object with a single field: `{ input: "…" }`. */
function onlyText(object: JsonObject | undefined): string | undefined {
  const values = Object.values(object ?? {})
  return values.length === 1 ? asText(values[0]) : undefined
}

function modelCall(run: JsonObject, metadata: JsonObject): ModelCall {
  const call: ModelCall = {}
  const inputs = parseIfJson(run.inputs)
  const input = readRequest(inputs) ?? completionPrompts(asObject(inputs))
  if (input !== undefined) call.input = input
  const outputs = asObject(parseIfJson(run.outputs))
  const answer = readResponse(outputs as Json)
  if (answer !== undefined) {
    call.output = answer.messages
    if (answer.finish !== undefined) call.finish = answer.finish
    if (answer.responseId !== undefined) call.responseId = answer.responseId
  }
  const message = generationMessage(outputs)
  const response = asObject(message?.response_metadata)
  const totals = asObject(outputs?.llm_output) ?? asObject(outputs?.llmOutput)
  const usage =
    detailedUsage(metadata.usage_metadata) ??
    detailedUsage(outputs?.usage_metadata) ??
    detailedUsage(message?.usage_metadata) ??
    detailedUsage(answer?.usage as Json | undefined) ??
    detailedUsage(totals?.token_usage ?? totals?.tokenUsage)
  if (usage !== undefined) call.usage = usage
  const model =
    asText(response?.model_name) ??
    asText(response?.model) ??
    answer?.model ??
    asText(totals?.model_name) ??
    asText(metadata.ls_model_name)
  if (model !== undefined) call.model = model
  const finish = asText(response?.finish_reason) ?? asText(response?.stop_reason)
  if (finish !== undefined) call.finish ??= finish
  const id = asText(message?.id)
  if (id !== undefined && !id.startsWith("run-")) call.responseId ??= id
  return call
}

/** Returns the prompts of a text completion model: `{ prompts: ["…"] }`. */
function completionPrompts(inputs: JsonObject | undefined): Message[] | undefined {
  const texts = asArray(inputs?.prompts).flatMap((prompt) => asText(prompt) ?? [])
  return texts.length === 0
    ? undefined
    : texts.map((text) => ({ role: "user", parts: [{ type: "text", text }] }))
}

/** Returns the fields of the message in LangChain's `{ generations: [[{ message: { kwargs } }]] }`. */
function generationMessage(outputs: JsonObject | undefined): JsonObject | undefined {
  const [batch] = asArray(outputs?.generations)
  const [generation = batch] = asArray(batch)
  const message = asObject(asObject(generation)?.message)
  return asObject(message?.kwargs) ?? asObject(message?.data) ?? message
}

function toolCall(run: JsonObject): ToolCall {
  const tool: ToolCall = {}
  const inputs = asObject(parseIfJson(run.inputs))
  const only = Object.keys(inputs ?? {}).length === 1 ? parseIfStructured(inputs?.input) : undefined
  if (inputs !== undefined) tool.arguments = typeof only === "object" ? only : (inputs as Json)
  if (typeof only === "string") Object.assign(tool, { arguments: only, isBare: true })
  const outputs = parseIfJson(run.outputs)
  const object = asObject(outputs)
  const isOnly = object !== undefined && Object.keys(object).length === 1
  const inner =
    isOnly && "output" in object ? object.output : isOnly && "outputs" in object ? object.outputs : outputs
  const message = toolMessage(inner)
  if (message !== undefined) {
    tool.result = message.result
    if (message.isError) tool.hasFailed = true
    if (message.id !== undefined) tool.callId = message.id
  } else if (inner !== undefined && inner !== null) tool.result = unwrapResult(inner).result
  const extra = asObject(parseIfJson(run.extra))
  const callId = asText(asObject(extra?.metadata)?.tool_call_id) ?? asText(extra?.tool_call_id)
  if (callId !== undefined) tool.callId ??= callId
  return tool
}

/** Splits a LangSmith error, which is a single string: the message, an empty line, and the stack. */
function errorOf(raw: Json | undefined): StepError | undefined {
  const text = asText(raw)
  if (text === undefined) return undefined
  const cut = text.indexOf("\n")
  const message = (cut < 0 ? text : text.slice(0, cut)).trim()
  return cut < 0
    ? { message }
    : { message: message === "" ? text.slice(0, 500) : message, stack: text.slice(cut).trim() }
}

/** Extracts the root's id from `20261130T023849606001Z<id>.…`. */
function rootOf(order: string | undefined): string | undefined {
  return order === undefined ? undefined : asText(order.split(".", 1)[0]?.replace(/^\d{8}T\d+Z/, ""))
}

function startOf(order: string | undefined): bigint | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{1,9})Z/.exec(order?.split(".").at(-1) ?? "")
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, fraction] = match
  return nanosOf(`${year}-${month}-${day}T${hour}:${minute}:${second}.${fraction}Z`)
}
