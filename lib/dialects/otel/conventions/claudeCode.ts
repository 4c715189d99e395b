import { asFlag, asNumeric, parseIfStructured } from "@/lib/dialects/json"
import { eventOf, pick, pickNumber, pickText } from "@/lib/dialects/otel/attributes"
import type { OtelReading } from "@/lib/dialects/otel/OtelReading"
import type { Attributes, OtelLog, OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import { senderOf } from "@/lib/dialects/otel/sender"
import { spanError } from "@/lib/dialects/otel/spanError"
import { makeUsage, usageOf } from "@/lib/dialects/otel/usage"
import { isDuration } from "@/lib/dialects/times"
import type { ModelCall, Step, ToolCall, Usage } from "@/lib/dialects/traces/Step"
import type { SentPart } from "@/lib/dialects/traces/TraceBatch"
import type { Convention, Reading } from "./Convention"
import { finishReason, genAiCall } from "./genAi"

const REDACTED = "<REDACTED>"

/** Claude Code's own spans. Its answers, tool inputs and costs arrive as log records. */
export const claudeCode: Convention = (span) => {
  if (!span.name.startsWith("claude_code.")) return undefined
  const kind = span.name.slice("claude_code.".length)
  if (kind === "interaction") return interaction(span)
  if (kind === "llm_request") return request(span)
  if (kind === "tool") return toolCall(span)
  return { role: "chain", isHidden: true }
}

function interaction(span: OtelSpan): Reading {
  const prompt = pickText(span.attributes, "user_prompt")
  return {
    role: "agent",
    name: "Claude Code",
    agentName: "Claude Code",
    innerAgent: "path",
    ...(prompt === undefined || prompt === REDACTED ? {} : { input: prompt }),
  }
}

function request(span: OtelSpan): Reading {
  const { attributes } = span
  const requestId = pickText(attributes, "request_id", "gen_ai.response.id")
  const call: ModelCall = genAiCall(span)
  const finish = finishReason(attributes)
  if (finish !== undefined) call.finish = finish
  const usage = usageOf(attributes) ?? bareUsage(attributes)
  if (usage !== undefined) call.usage = usage
  return {
    role: "model",
    model: call,
    ...(requestId === undefined ? {} : { completedBy: [`request:${requestId}`] }),
  }
}

function toolCall(span: OtelSpan): Reading {
  const { attributes } = span
  const callId = pickText(attributes, "gen_ai.tool.call.id", "tool_use_id")
  const tool: ToolCall = {}
  const output = eventOf(span, "tool.output")?.output
  if (output !== undefined && output !== REDACTED) tool.result = parseIfStructured(output) ?? null
  const input = parseIfStructured(attributes.tool_input)
  if (input !== undefined) tool.arguments = input
  if (callId !== undefined) tool.callId = callId
  return {
    role: "tool",
    name: pickText(attributes, "tool_name", "gen_ai.tool.name") ?? "tool",
    tool,
    ...(callId === undefined ? {} : { completedBy: [`execution:${callId}`, `tool:${callId}`] }),
  }
}

/**
 * Reads a tool's outcome (whether it failed or was refused), which Claude Code reports in a child span of the tool's
 * span.
 */
export function claudeCodeParts(span: OtelSpan): SentPart[] {
  const callId = pickText(span.attributes, "gen_ai.tool.call.id", "tool_use_id")
  if (span.name !== "claude_code.tool.execution" || callId === undefined) return []
  const error = spanError(span)
  const base = { sender: senderOf(span), trace: span.traceId, key: `execution:${callId}`, at: span.start }
  return [error === undefined ? base : { ...base, error }]
}

/** Reads Claude Code's log records, which become turns even without traces. */
export function claudeCodeLog(log: OtelLog, event: string): OtelReading | undefined {
  const { attributes } = log
  const sender = senderOf(log)
  if (sender.sessionKey === undefined) return undefined
  const trace = log.traceId ?? ""
  if (event === "user_prompt") {
    const text = pickText(attributes, "prompt")
    return { prompt: { sender, trace, at: log.time, text: text === REDACTED ? undefined : text } }
  }
  const requestId = pickText(attributes, "request_id")
  if (event === "api_request" && requestId !== undefined)
    return {
      parts: [
        {
          sender,
          trace,
          key: `request:${requestId}`,
          at: log.time,
          isPiece: true,
          isComplete: true,
          ...requestPart(log, requestId),
        },
      ],
    }
  if (event === "assistant_response" && requestId !== undefined) {
    const text = pickText(attributes, "response")
    if (text === undefined || text === REDACTED) return {}
    const output: ModelCall["output"] = [{ role: "assistant", parts: [{ type: "text", text }] }]
    return {
      parts: [{ sender, trace, key: `request:${requestId}`, at: log.time, isPiece: true, model: { output } }],
    }
  }
  const callId = pickText(attributes, "tool_use_id")
  if (event === "tool_result" && callId !== undefined) return { parts: [toolPart(log, callId)] }
  if (event === "tool_decision" && callId !== undefined && attributes.decision === "reject")
    return { parts: [toolPart(log, callId, deniedBy(pickText(attributes, "source")))] }
  return {}
}

/** Reads token counts by Claude Code's own names, the only ones in old versions. The input excludes cached tokens. */
function bareUsage(attributes: Attributes): Usage | undefined {
  const counts = {
    input: pickNumber(attributes, "input_tokens"),
    output: pickNumber(attributes, "output_tokens"),
    cached: pickNumber(attributes, "cache_read_tokens") ?? 0,
    created: pickNumber(attributes, "cache_creation_tokens") ?? 0,
  }
  const { input = 0, output = 0 } = counts
  return counts.input === undefined && counts.output === undefined
    ? undefined
    : makeUsage({ ...counts, input, output }, true)
}

function requestPart(log: OtelLog, requestId: string): { model: ModelCall; fallback: Step } {
  const { attributes } = log
  const usage = bareUsage(attributes)
  const model = pickText(attributes, "model")
  const cost = pickNumber(attributes, "cost_usd")
  const call: ModelCall = { responseId: requestId }
  if (model !== undefined) call.model = model
  if (cost !== undefined) call.cost = cost
  if (usage !== undefined) call.usage = usage
  return {
    model: cost === undefined ? {} : { cost },
    fallback: {
      ...logStep(log, `request:${requestId}`),
      role: "model",
      name: model ?? "model",
      model: call,
    },
  }
}

function toolPart(log: OtelLog, callId: string, rejectedBy?: string): SentPart {
  const { attributes } = log
  const tool: ToolCall = {}
  const input = parseIfStructured(pick(attributes, "tool_input", "tool_parameters"))
  if (input !== undefined) tool.arguments = input
  if (rejectedBy !== undefined) tool.rejectedBy = rejectedBy
  const failed = asFlag(attributes.success) === false
  const message = pickText(attributes, "error", "error_type")
  const name = pickText(attributes, "tool_name") ?? "tool"
  const part: SentPart = {
    sender: senderOf(log),
    trace: log.traceId ?? "",
    key: `tool:${callId}`,
    at: log.time,
    tool,
    isComplete: true,
    fallback: { ...logStep(log, `tool:${callId}`), role: "tool", name: mcpName(name, log), tool: { callId } },
  }
  if (failed) part.error = { message: message ?? "the tool failed" }
  return part
}

/** Returns an MCP tool's name. In log records it is `mcp_tool`, with the actual name in the parameters. */
function mcpName(name: string, log: OtelLog): string {
  const parameters = parseIfStructured(log.attributes.tool_parameters)
  if (
    name !== "mcp_tool" ||
    typeof parameters !== "object" ||
    parameters === null ||
    Array.isArray(parameters)
  )
    return name
  const { mcp_server_name: server, mcp_tool_name: tool } = parameters
  return typeof server === "string" && typeof tool === "string" ? `mcp__${server}__${tool}` : name
}

/** Creates a step from a log record, which was written when the step ended. */
export function logStep(log: OtelLog, id: string): Pick<Step, "trace" | "id" | "start" | "end" | "parent"> {
  const duration = asNumeric(log.attributes.duration_ms) ?? 0
  const start = isDuration(duration) ? log.time - BigInt(Math.round(duration * 1e6)) : log.time
  const step = { trace: log.traceId ?? "", id, start: start > 0n ? start : log.time, end: log.time }
  return log.spanId === undefined ? step : { ...step, parent: log.spanId }
}

export function deniedBy(source: string | undefined): string {
  if (source === undefined) return "policy"
  if (source === "hook") return "hook"
  if (/^user/i.test(source)) return "user"
  return /^config/i.test(source) ? "rule" : "policy"
}
