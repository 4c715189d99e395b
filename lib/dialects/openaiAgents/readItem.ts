import { asObject, asText, type JsonObject, parseIfJson, parseIfStructured } from "@/lib/dialects/json"
import { readRequest, readResponse } from "@/lib/dialects/messages/readExchange"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { detailedUsage } from "@/lib/dialects/otel/usage"
import { nanosOf } from "@/lib/dialects/times"
import type { ModelCall, Step, StepError, ToolCall } from "@/lib/dialects/traces/Step"
import type { Json } from "@/lib/protocol/fields"

/** Converts a `trace.span` object of OpenAI Agents' exporter to a step. Returns undefined for any other object. */
export function readItem(item: JsonObject): Step | undefined {
  const trace = asText(item.trace_id)
  const id = asText(item.id)
  const data = asObject(item.span_data)
  if (trace === undefined || id === undefined || data === undefined) return undefined
  const step: Step = {
    trace,
    id,
    role: "chain",
    name: asText(data.name) ?? asText(data.type) ?? "span",
    start: nanosOf(item.started_at) ?? 0n,
    innerAgent: "path",
  }
  const parent = asText(item.parent_id)
  if (parent !== undefined) step.parent = parent
  const end = nanosOf(item.ended_at)
  if (end !== undefined) step.end = end
  const error = errorOf(item.error)
  if (error !== undefined) step.error = error
  addData(step, data)
  return step
}

function addData(step: Step, data: JsonObject): void {
  const type = asText(data.type)
  if (type === "response" || type === "generation") {
    step.role = "model"
    step.name = asText(data.model) ?? "model"
    step.model = modelCall(data)
  } else if (type === "function" || type === "guardrail" || type === "mcp_tools") {
    step.role = "tool"
    step.tool = toolCall(data, type)
    if (type === "mcp_tools") step.name = "mcp_list_tools"
  } else if (type === "handoff") {
    step.role = "tool"
    step.name = `handoff to ${asText(data.to_agent) ?? "agent"}`
    const names = Object.entries({ from_agent: data.from_agent, to_agent: data.to_agent })
    step.tool = {
      isHandoff: true,
      arguments: Object.fromEntries(names.filter(([, name]) => name !== undefined)) as Json,
    }
  } else if (type === "agent") {
    step.role = "agent"
    step.agentName = step.name
  } else addCustom(step, data)
}

/** Reads a custom span. The SDK reports its turns and tasks in this form; a task is a whole run of the agent loop. */
function addCustom(step: Step, data: JsonObject): void {
  const inner = asObject(data.data)
  const usage = detailedUsage(inner?.usage)
  if (usage !== undefined) step.usage = usage
  const kind = asText(inner?.sdk_span_type)
  if (kind === "task") step.role = "agent"
  if (kind !== undefined) step.isHidden = true
}

function modelCall(data: JsonObject): ModelCall {
  const call: ModelCall = {}
  const id = asText(data.response_id)
  if (id !== undefined) call.responseId = id
  const model = asText(data.model)
  if (model !== undefined) call.model = model
  const input = readRequest(data.input) ?? readMessages(data.input)
  if (input.length > 0) call.input = input
  const answer = readResponse(data.output)
  if (answer !== undefined) {
    call.output = answer.messages
    if (answer.finish !== undefined) call.finish = answer.finish
    if (answer.responseId !== undefined) call.responseId ??= answer.responseId
  }
  const usage = detailedUsage(data.usage) ?? detailedUsage(answer?.usage as Json | undefined)
  if (usage !== undefined) call.usage = usage
  return call
}

function toolCall(data: JsonObject, type: string): ToolCall {
  const tool: ToolCall = {}
  const value = parseIfStructured(data.input)
  if (value !== undefined && value !== null) tool.arguments = value
  const result =
    type === "guardrail" ? { triggered: data.triggered ?? false } : parseIfJson(data.output ?? data.result)
  if (result !== undefined && result !== null) tool.result = result
  return tool
}

function errorOf(raw: Json | undefined): StepError | undefined {
  const error = asObject(raw)
  if (error === undefined) return undefined
  const detail = asObject(error.data)
  const reason = asText(detail?.error)
  const message = asText(error.message) ?? "failed"
  return { message: reason === undefined ? message : `${message}: ${reason}` }
}
