import { asArray, asText, parseIfJson, parseIfStructured } from "@/lib/dialects/json"
import type { Message } from "@/lib/dialects/messages/Message"
import { messageText } from "@/lib/dialects/messages/Message"
import { readRequest, readResponse } from "@/lib/dialects/messages/readExchange"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { unwrapResult } from "@/lib/dialects/messages/readParts"
import { hasPrefix, pick, pickNumber, pickText, unflatten } from "@/lib/dialects/otel/attributes"
import type { Attributes, OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { ModelCall } from "@/lib/dialects/traces/Step"
import type { Convention, Reading } from "./Convention"
import { choiceEvents, eventValue, promptEvents, toolEvents, withDetails } from "./genAiEvents"
import { isModelCall, operationKind } from "./genAiOperation"

/** Any sender that follows OpenTelemetry's semantic conventions for generative AI, current or past. */
export const genAi: Convention = (span) => {
  const { attributes } = span
  if (!hasPrefix(attributes, "gen_ai.") && attributes["llm.request.type"] === undefined) return undefined
  const operation = pickText(attributes, "gen_ai.operation.name", "llm.request.type")
  if (operation !== undefined) return readingOf(operation, span)
  if (pick(attributes, "gen_ai.tool.name", "gen_ai.tool.call.id") !== undefined) return toolReading(span)
  if (isModelCall(withDetails(span))) return modelReading(span)
  return attributes["gen_ai.agent.name"] === undefined ? { role: "chain" } : agentReading(span)
}

function readingOf(operation: string, span: OtelSpan): Reading {
  switch (operationKind(operation, span.attributes)) {
    case "model":
      return modelReading(span)
    case "tool":
      return toolReading(span)
    case "lookup":
      return { ...toolReading(span), ...modelOf(span), name: operation }
    case "agent":
      return agentReading(span)
    case "other":
      return { role: "chain", isHidden: /chunk|mapping/.test(operation) }
  }
}

/** Returns the model of an embedding, so that its tokens have a price. */
function modelOf({ attributes }: OtelSpan): Pick<Reading, "model"> {
  const model = pickText(attributes, "gen_ai.response.model", "gen_ai.request.model")
  return model === undefined ? {} : { model: { model } }
}

export function agentReading(span: OtelSpan): Reading {
  const { attributes } = span
  const reading: Reading = { role: "agent" }
  const name = pickText(attributes, "gen_ai.agent.name", "agent_name")
  if (name !== undefined) Object.assign(reading, { name, agentName: name })
  const input =
    newestUserText(
      readRequest(
        pick(attributes, "gen_ai.input.messages", "gen_ai.prompt", "mastra.agent_run.input", "agent.input"),
      ) ?? [],
    ) ?? pickText(attributes, "user_prompt", "mastra.agent_run.input")
  if (input !== undefined && input !== "<REDACTED>") reading.input = input
  const answer = pick(
    attributes,
    "gen_ai.output.messages",
    "gen_ai.completion",
    "mastra.agent_run.output",
    "final_result",
  )
  const output = readResponse(answer)?.messages.map(messageText).filter(Boolean).at(-1) ?? asText(answer)
  if (output !== undefined) reading.output = output
  const model = pickText(attributes, "gen_ai.response.model", "gen_ai.request.model", "model_name")
  if (model !== undefined) reading.model = { model }
  return reading
}

function toolReading(span: OtelSpan): Reading {
  const { attributes } = span
  const raw = pick(
    attributes,
    "gen_ai.tool.call.arguments",
    "gcp.vertex.agent.tool_call_args",
    "gen_ai.tool.arguments",
    "tool_arguments",
    "gen_ai.retrieval.query.text",
    "gen_ai.prompt",
    "input",
  )
  const value = parseIfStructured(raw)
  const tool = toolEvents(span)
  if (value !== undefined) tool.arguments = value
  const result = pick(
    attributes,
    "gen_ai.tool.call.result",
    "anthropic.tool_result.content",
    "gcp.vertex.agent.tool_response",
    "gen_ai.tool.result",
    "tool_response",
    "gen_ai.retrieval.documents",
    "gen_ai.completion",
    "output",
  )
  if (result !== undefined) tool.result = unwrapResult(parseIfJson(result) ?? null).result
  const callId = pickText(attributes, "gen_ai.tool.call.id", "tool_call_id")
  if (callId !== undefined) tool.callId = callId
  if (attributes["mcp.method.name"] !== undefined) tool.isTransport = true
  const name =
    pickText(attributes, "gen_ai.tool.name") ?? span.name.replace(/^(execute_tool|running tool:?) /, "")
  return { role: "tool", name, tool }
}

function modelReading(span: OtelSpan): Reading {
  const reading: Reading = { role: "model", model: genAiCall(span) }
  const agent = pickText(span.attributes, "gen_ai.agent.name")
  if (agent !== undefined) reading.agentName = agent
  // The messages may arrive as log records that name the span.
  if (reading.model?.input === undefined && reading.model?.output === undefined)
    reading.completedBy = [`span:${span.spanId}`]
  return reading
}

/** Reads a model call from the attributes of the semantic conventions. */
export function genAiCall(span: OtelSpan): ModelCall {
  const attributes = withDetails(span)
  const call: ModelCall = {}
  const input = inputMessages(span)
  if (input.length > 0) call.input = input
  const raw =
    pick(attributes, "gen_ai.output.messages", "gen_ai.completion") ??
    eventValue(span, "gen_ai.content.completion", "gen_ai.completion")
  const answer = readResponse(raw)
  const flat = readMessages(unflatten(attributes, "gen_ai.completion"), "assistant")
  const output = answer?.messages ?? (flat.length > 0 ? flat : choiceEvents(span))
  if (output.length > 0) call.output = output.map((message) => ({ ...message, role: "assistant" as const }))
  else if (asText(raw) !== undefined)
    call.output = [{ role: "assistant", parts: [{ type: "text", text: asText(raw) ?? "" }] }]
  const finish = finishReason(attributes) ?? answer?.finish
  if (finish !== undefined) call.finish = finish
  const id = pickText(attributes, "gen_ai.response.id") ?? answer?.responseId
  if (id !== undefined) call.responseId = id
  const model = pickText(
    attributes,
    "gen_ai.response.model",
    "gen_ai.request.model",
    "llm.response.model",
    "llm.request.model",
    "model_name",
  )
  if (model !== undefined) call.model = model
  const cost = pickNumber(attributes, "gen_ai.usage.cost", "operation.cost", "cost_usd")
  if (cost !== undefined) call.cost = cost
  return call
}

function inputMessages(span: OtelSpan): Message[] {
  const attributes = withDetails(span)
  const system = readMessages(attributes["gen_ai.system_instructions"], "system").map(
    (message): Message => ({ ...message, role: "system" }),
  )
  const raw =
    pick(attributes, "gen_ai.input.messages", "gen_ai.prompt") ??
    eventValue(span, "gen_ai.content.prompt", "gen_ai.prompt")
  let history = readRequest(raw) ?? readMessages(unflatten(attributes, "gen_ai.prompt"))
  if (history.length === 0) history = promptEvents(span)
  const text = history.length === 0 && !isMarker(raw) ? asText(raw) : undefined
  if (text !== undefined) history = [{ role: "user", parts: [{ type: "text", text }] }]
  if (history.length === 0) history = pydanticEvents(attributes)
  return [...system, ...history]
}

/** Returns true for a placeholder that replaces omitted content, such as `<REDACTED>`. */
function isMarker(raw: unknown): boolean {
  return typeof raw === "string" && /^(<[^>]*>|\[[^\]]*\]?|\{.*)$/s.test(raw.trim())
}

function pydanticEvents(attributes: Attributes): Message[] {
  const events = asArray(
    parseIfJson(pick(attributes, "events", "all_messages_events", "pydantic_ai.all_messages")),
  )
  const messages = readMessages(events as never)
  return messages.at(-1)?.role === "assistant" ? messages.slice(0, -1) : messages
}

export function finishReason(attributes: Attributes): string | undefined {
  const raw = parseIfJson(
    pick(
      attributes,
      "gen_ai.response.finish_reasons",
      "gen_ai.response.finish_reason",
      "anthropic.message.stop_reason",
      "stop_reason",
    ),
  )
  return asText(raw) ?? asText(asArray(raw)[0])
}
