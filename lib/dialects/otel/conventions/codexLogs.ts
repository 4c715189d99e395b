import { asFlag, parseIfStructured } from "@/lib/dialects/json"
import { pickNumber, pickText } from "@/lib/dialects/otel/attributes"
import type { OtelReading } from "@/lib/dialects/otel/OtelReading"
import type { OtelLog } from "@/lib/dialects/otel/OtelRecord"
import { senderOf } from "@/lib/dialects/otel/sender"
import { makeUsage } from "@/lib/dialects/otel/usage"
import type { ModelCall, ToolCall } from "@/lib/dialects/traces/Step"
import { deniedBy, logStep } from "./claudeCode"

/** Reads Codex's log records. Its spans are internal and don't contain the conversation. */
export function codexLog(log: OtelLog, event: string): OtelReading | undefined {
  const sender = senderOf(log)
  if (sender.sessionKey === undefined) return undefined
  const { attributes } = log
  if (event === "user_prompt") {
    const text = pickText(attributes, "prompt")
    return { prompt: { sender, trace: "", at: log.time, text: text === "[REDACTED]" ? undefined : text } }
  }
  if (event === "sse_event" && attributes["event.kind"] === "response.completed") return completed(log)
  const callId = pickText(attributes, "call_id")
  if (event === "tool_result" && callId !== undefined) return toolResult(log, callId)
  const decision = pickText(attributes, "decision")
  if (
    event === "tool_decision" &&
    callId !== undefined &&
    decision !== undefined &&
    /^(denied|abort|reject)/i.test(decision)
  )
    return refused(log, callId)
  return {}
}

function completed(log: OtelLog): OtelReading {
  const { attributes } = log
  const usage = makeUsage({
    ...optional("input", pickNumber(attributes, "input_token_count")),
    ...optional("output", pickNumber(attributes, "output_token_count")),
    ...optional("cached", pickNumber(attributes, "cached_token_count")),
    ...optional("reasoning", pickNumber(attributes, "reasoning_token_count")),
  })
  if (usage === undefined) return {}
  const call: ModelCall = { usage }
  const model = pickText(attributes, "model")
  if (model !== undefined) call.model = model
  const id = `completed:${log.time}`
  const step = {
    ...logStep({ ...log, attributes: {} }, id),
    role: "model" as const,
    name: model ?? "model",
    model: call,
  }
  return {
    parts: [
      {
        sender: senderOf(log),
        trace: "",
        key: id,
        at: log.time,
        isComplete: true,
        fallback: { ...step, trace: "" },
      },
    ],
  }
}

function toolResult(log: OtelLog, callId: string): OtelReading {
  const { attributes } = log
  const tool: ToolCall = { callId }
  const value = parseIfStructured(attributes.arguments)
  if (value !== undefined) tool.arguments = value
  if (attributes.output !== undefined && attributes.output !== null) tool.result = attributes.output
  const output = pickText(attributes, "output")
  const exit =
    output === undefined
      ? null
      : /(?:^|\n)(?:Process exited with code|Exit code:) (-?\d{1,9})/.exec(output.slice(0, 500))
  if (exit !== null) tool.exitCode = Number(exit[1])
  const step = {
    ...logStep(log, `tool:${callId}`),
    trace: "",
    role: "tool" as const,
    name: pickText(attributes, "tool_name") ?? "tool",
    tool,
  }
  const part = {
    sender: senderOf(log),
    trace: "",
    key: `tool:${callId}`,
    at: log.time,
    isComplete: true,
    fallback: step,
  }
  return {
    parts: [
      asFlag(attributes.success) === false
        ? { ...part, error: { message: output ?? "the tool failed" } }
        : part,
    ],
  }
}

function refused(log: OtelLog, callId: string): OtelReading {
  const tool: ToolCall = { callId, rejectedBy: deniedBy(pickText(log.attributes, "source")) }
  const step = {
    ...logStep(log, `tool:${callId}`),
    trace: "",
    role: "tool" as const,
    name: pickText(log.attributes, "tool_name") ?? "tool",
    tool,
  }
  return {
    parts: [
      {
        sender: senderOf(log),
        trace: "",
        key: `tool:${callId}`,
        at: log.time,
        isComplete: true,
        tool,
        fallback: step,
      },
    ],
  }
}

function optional<Name extends string>(name: Name, value: number | undefined): { [Key in Name]?: number } {
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]?: number })
}
