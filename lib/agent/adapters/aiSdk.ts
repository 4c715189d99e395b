import type { AgentRun } from "@/lib/agent/AgentRun"
import { messageOf } from "@/lib/agent/turn/messageOf"
import {
  type AdapterOptions,
  type AdapterRun,
  type AdapterTarget,
  openRun,
  textOfContent,
} from "./adapterTarget"

export type { AdapterOptions, AdapterTarget } from "./adapterTarget"

/**
 * A telemetry integration for the Vercel AI SDK 7. Its methods accept the SDK's events. The event types declare only
 * the fields that are read, to avoid a dependency on the SDK.
 */
export type AiSdkTelemetry = {
  onStart(event: OperationStart): void
  onLanguageModelCallStart(event: ModelCallStart): void
  onLanguageModelCallEnd(event: ModelCallEnd): void
  onToolExecutionStart(event: ToolStart): void
  onToolExecutionEnd(event: ToolEnd): void
  onEnd(event: OperationEnd): void
  onAbort(event: { callId: string }): void
  onError(event: unknown): void
}

type Message = { role: string; content: unknown }
type OperationStart = {
  callId: string
  operationId?: string | undefined
  functionId?: string | undefined
  instructions?: unknown
  messages?: readonly Message[] | undefined
  prompt?: unknown
}
type ModelCallStart = {
  callId: string
  modelId: string
  instructions?: unknown
  messages?: readonly Message[] | undefined
}
type ContentPart = {
  type: string
  text?: string | undefined
  toolCallId?: string | undefined
  toolName?: string | undefined
}
type ModelCallEnd = {
  callId: string
  modelId: string
  finishReason: unknown
  usage: object
  content: readonly ContentPart[]
  responseId?: string | undefined
  performance?: { responseTimeMs: number | undefined }
}
type ToolCall = { toolCallId: string; toolName: string; input: unknown }
type ToolStart = { callId: string; toolCall: ToolCall }
type ToolEnd = ToolStart & {
  toolExecutionMs?: number | undefined
  toolOutput: { type: string; output?: unknown; error?: unknown }
}
type OperationEnd = { callId: string; text?: string | undefined; object?: unknown; finishReason?: unknown }

/** One call of `generateText`, `streamText` or another operation. */
type Operation = AdapterRun & {
  /** How many of the conversation's messages earlier model turns have already recorded. */
  knownMessages: number
  modelCall: { startedAt: number; prompt: string | undefined; model: string } | undefined
  activities: Map<string, () => void>
}

/** Beyond this number, the oldest operations that never ended are dropped. */
const MAX_OPERATIONS = 1_000

/**
 * Records operations of the Vercel AI SDK: each model call and tool call becomes a turn when it ends, with progress
 * while it runs. Given an agent, every operation becomes its own run; given a run, operations add their turns to it.
 *
 * @example
 * import { registerTelemetry } from "ai"
 * import { connectAgent } from "turnline-agent"
 * import { aiSdkTelemetry } from "turnline-agent/ai-sdk"
 *
 * const agent = connectAgent({ url: "http://localhost:3000", token: process.env.TURNLINE_TOKEN })
 * registerTelemetry(aiSdkTelemetry(agent, { agentId: "support-bot" }))
 */
export function aiSdkTelemetry(target: AdapterTarget, options: AdapterOptions = {}): AiSdkTelemetry {
  const operations = new Map<string, Operation>()
  const operationOf = (callId: string): Operation => {
    const known = operations.get(callId)
    if (known !== undefined) return known
    const [oldest] = operations.keys()
    if (oldest !== undefined && operations.size >= MAX_OPERATIONS) operations.delete(oldest)
    const operation: Operation = {
      ...openRun(target, options, "AI SDK call"),
      ...{ knownMessages: 0, modelCall: undefined, activities: new Map() },
    }
    operations.set(callId, operation)
    return operation
  }
  return {
    onStart(event) {
      const operation: Operation = {
        ...openRun(target, options, intentOf(event)),
        ...{ knownMessages: 0, modelCall: undefined, activities: new Map() },
      }
      operations.set(event.callId, operation)
    },
    onLanguageModelCallStart: (event) => startModelCall(operationOf(event.callId), event),
    onLanguageModelCallEnd: (event) => endModelCall(operationOf(event.callId), event),
    onToolExecutionStart: ({ callId, toolCall }) => startTool(operationOf(callId), toolCall),
    onToolExecutionEnd: (event) => endTool(operationOf(event.callId), event),
    onEnd(event) {
      const operation = operationOf(event.callId)
      operations.delete(event.callId)
      if (operation.isOwn) complete(operation.run, "success", summaryOf(event))
    },
    onAbort({ callId }) {
      const operation = operations.get(callId)
      operations.delete(callId)
      if (operation?.isOwn) complete(operation.run, "failure", "aborted")
    },
    onError(event) {
      const { callId, error } = readError(event)
      const operation = callId === undefined ? [...operations.values()].at(-1) : operations.get(callId)
      if (operation === undefined) return
      if (callId !== undefined) operations.delete(callId)
      fail(operation, error)
    },
  }
}

function startModelCall(operation: Operation, event: ModelCallStart): void {
  const messages = event.messages ?? []
  const isFirst = operation.knownMessages === 0
  const newMessages = messages
    .slice(operation.knownMessages)
    .filter(({ role }) => role === "user" || role === "system")
    .map(({ content }) => textOfContent(content))
  const instructions = isFirst ? [textOfContent(event.instructions)] : []
  const texts = [...instructions, ...newMessages].filter((text) => text !== undefined)
  operation.knownMessages = messages.length
  operation.modelCall = {
    startedAt: Date.now(),
    prompt: texts.length > 0 ? texts.join("\n\n") : undefined,
    model: event.modelId,
  }
  operation.run.progress({ kind: "model", model: event.modelId })
}

function endModelCall(operation: Operation, event: ModelCallEnd): void {
  const { modelCall } = operation
  operation.modelCall = undefined
  const partsOf = (type: string) => event.content.filter((part) => part.type === type)
  const textOf = (type: string) => {
    const text = partsOf(type).map((part) => part.text ?? "")
    return text.length > 0 ? text.join("") : undefined
  }
  const toolCalls = partsOf("tool-call").map(({ toolCallId, toolName }) => ({
    id: toolCallId,
    name: toolName,
  }))
  operation.run.turn({
    kind: "model",
    model: event.modelId,
    prompt: modelCall?.prompt,
    message: textOf("text"),
    thinking: textOf("reasoning"),
    usage: { ...event.usage },
    response_id: event.responseId,
    started_at: modelCall?.startedAt,
    duration_ms: event.performance?.responseTimeMs,
    attributes: {
      finish_reason: event.finishReason,
      ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
    },
  })
}

function startTool({ run, activities }: Operation, { toolCallId, toolName, input }: ToolCall): void {
  const activity = { kind: "tool", tool: toolName, parameters: input, started_at: Date.now() }
  activities.set(toolCallId, run.begin(activity))
}

function endTool({ run, activities }: Operation, { toolCall, toolOutput, toolExecutionMs }: ToolEnd): void {
  activities.get(toolCall.toolCallId)?.()
  activities.delete(toolCall.toolCallId)
  run.turn({
    kind: "tool",
    tool: toolCall.toolName,
    parameters: toolCall.input,
    call_id: toolCall.toolCallId,
    duration_ms: toolExecutionMs,
    ...(toolOutput.type === "tool-error" ? { error: toolOutput.error } : { output: toolOutput.output }),
  })
}

function fail({ run, isOwn, modelCall }: Operation, error: unknown): void {
  if (modelCall !== undefined)
    run.turn({
      kind: "model",
      model: modelCall.model,
      prompt: modelCall.prompt,
      error,
      started_at: modelCall.startedAt,
    })
  if (isOwn) complete(run, "failure", messageOf(error))
}

function complete(run: AgentRun, status: "success" | "failure", summary: string | undefined): void {
  // Delivery continues in the background, and errors are reported by the agent.
  void run.complete({ status, ...(summary !== undefined && { summary }) }, 0).catch(() => {})
}

function intentOf({ messages = [], prompt, functionId, operationId }: OperationStart): string {
  const person = messages.findLast(({ role }) => role === "user")
  return textOfContent(person?.content) ?? textOfContent(prompt) ?? functionId ?? operationId ?? "AI SDK call"
}

function summaryOf({ text, object }: OperationEnd): string | undefined {
  if (text) return text
  return object === undefined ? undefined : JSON.stringify(object)
}

function readError(event: unknown): { callId?: string; error: unknown } {
  if (typeof event !== "object" || event === null || !("callId" in event)) return { error: event }
  const { callId } = event
  return {
    ...(typeof callId === "string" && { callId }),
    error: "error" in event ? event.error : event,
  }
}
