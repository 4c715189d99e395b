import { asFlag, asNumeric, parseIfStructured } from "@/lib/dialects/json"
import { pickText } from "@/lib/dialects/otel/attributes"
import type { OtelReading } from "@/lib/dialects/otel/OtelReading"
import type { OtelLog } from "@/lib/dialects/otel/OtelRecord"
import { senderOf } from "@/lib/dialects/otel/sender"
import { makeUsage } from "@/lib/dialects/otel/usage"
import type { ModelCall, Step, ToolCall } from "@/lib/dialects/traces/Step"
import { logStep } from "./claudeCode"

/** Reads Qwen Code's log records, which contain what its spans lack: answers, and the arguments of tools. */
export function qwenLog(log: OtelLog, event: string): OtelReading {
  if (senderOf(log).sessionKey === undefined) return {}
  if (event === "api_response") return answer(log)
  const callId = pickText(log.attributes, "call_id")
  if (event === "tool_call" && callId !== undefined) return toolCall(log, callId)
  return {}
}

function answer(log: OtelLog): OtelReading {
  const { attributes, spanId } = log
  const id = pickText(attributes, "response_id")
  if (spanId === undefined && id === undefined) return {}
  const text = pickText(attributes, "response_text")
  const model: ModelCall =
    text === undefined ? {} : { output: [{ role: "assistant", parts: [{ type: "text", text }] }] }
  const usage = makeUsage({
    input: asNumeric(attributes.input_token_count) ?? 0,
    output: asNumeric(attributes.output_token_count) ?? 0,
    cached: asNumeric(attributes.cached_content_token_count) ?? 0,
    reasoning: asNumeric(attributes.thoughts_token_count) ?? 0,
  })
  const name = pickText(attributes, "model")
  const whole: ModelCall = {
    ...model,
    ...(usage !== undefined && { usage }),
    ...(name !== undefined && { model: name }),
    ...(id !== undefined && { responseId: id }),
  }
  const stepId = spanId ?? `response:${id}`
  const fallback: Step = {
    ...logStep(log, stepId),
    parent: `${stepId}:parent`,
    role: "model",
    name: name ?? "model",
    model: whole,
  }
  const part = { sender: senderOf(log), trace: log.traceId ?? "", key: `span:${stepId}`, at: log.time }
  return { parts: [{ ...part, model, fallback, isComplete: true }] }
}

function toolCall(log: OtelLog, callId: string): OtelReading {
  const { attributes } = log
  const tool: ToolCall = { callId }
  const value = parseIfStructured(attributes.function_args)
  if (value !== undefined) tool.arguments = value
  if (/reject|cancel|deny/i.test(pickText(attributes, "decision") ?? "")) tool.rejectedBy = "user"
  const id = log.spanId ?? `tool:${callId}`
  const fallback: Step = {
    ...logStep(log, id),
    parent: `${id}:parent`,
    role: "tool",
    name: pickText(attributes, "function_name") ?? "tool",
    tool,
  }
  const part = {
    sender: senderOf(log),
    trace: log.traceId ?? "",
    key: `tool:${callId}`,
    at: log.time,
    isComplete: true,
    tool,
    fallback,
  }
  const message = pickText(attributes, "error.message", "error") ?? "the tool failed"
  return { parts: [asFlag(attributes.success) === false ? { ...part, error: { message } } : part] }
}
