import { type Message, messageText } from "@/lib/dialects/messages/Message"
import { readRequest, readResponse } from "@/lib/dialects/messages/readExchange"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { unwrapResult } from "@/lib/dialects/messages/readParts"
import { pick, pickText } from "@/lib/dialects/otel/attributes"
import type { OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import { detailedUsage } from "@/lib/dialects/otel/usage"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { ModelCall, ToolCall } from "@/lib/dialects/traces/Step"
import { asList, asObject, asText, parsed, parsedStructure } from "@/lib/dialects/values"
import type { Convention, Reading } from "./Convention"
import { agentReading, genAi, genAiCall } from "./genAi"
import { isPlumbing } from "./langGraph"

/** OpenLLMetry: workflows, tasks, agents and tools around the model calls of its instrumentations. */
export const traceloop: Convention = (span) => {
  const { attributes } = span
  const kind = pickText(attributes, "traceloop.span.kind")
  if (kind === undefined) return undefined
  const name = pickText(attributes, "traceloop.entity.name") ?? span.name
  if (kind === "tool") {
    const tool: ToolCall = { arguments: entityArguments(attributes["traceloop.entity.input"]) }
    const result = parsed(attributes["traceloop.entity.output"])
    if (result !== undefined) tool.result = result
    return { role: "tool", name, tool }
  }
  const output = parsed(attributes["traceloop.entity.output"])
  const reading: Reading = { role: kind === "agent" ? "agent" : "chain", name, innerAgent: "path" }
  if (kind === "agent") reading.agentName = name
  const asked = entityArguments(attributes["traceloop.entity.input"])
  const input = typeof asked === "string" ? asked : newestUserText(readRequest(asked) ?? [])
  if (input !== undefined) reading.input = input
  if (typeof output === "string" && output !== "") reading.output = output
  return reading
}

/** `{ args: [], kwargs: {} }`: the named arguments, the only positional one, or both. */
function entityArguments(raw: unknown) {
  const value = parsed(raw as string) ?? null
  const object = asObject(value)
  if (object === undefined || !("kwargs" in object || "args" in object)) return value
  const args = asList(object.args)
  const named = asObject(object.kwargs) ?? {}
  if (Object.keys(named).length > 0 && args.length === 0) return object.kwargs ?? null
  if (Object.keys(named).length === 0)
    return args.length === 1 ? (args[0] ?? null) : args.length === 0 ? null : [...args]
  return value
}

/** Langfuse's observations. */
export const langfuse: Convention = (span) => {
  const { attributes } = span
  const type = pickText(attributes, "langfuse.observation.type")?.toLowerCase()
  if (type === undefined) return undefined
  const input = attributes["langfuse.observation.input"]
  const output = attributes["langfuse.observation.output"]
  if (type === "generation") {
    const call: ModelCall = genAiCall(span)
    const request = readRequest(input) ?? readMessages(input)
    if (request.length > 0) call.input = request
    const answer = readResponse(output)
    if (answer !== undefined) call.output = answer.messages
    else if (asText(output) !== undefined)
      call.output = [{ role: "assistant", parts: [{ type: "text", text: asText(output) ?? "" }] }]
    const model = pickText(attributes, "langfuse.observation.model.name")
    if (model !== undefined) call.model = model
    const costs = asObject(parsed(attributes["langfuse.observation.cost_details"]))
    if (typeof costs?.total === "number" && costs.total > 0) call.cost = costs.total
    return { role: "model", model: call }
  }
  if (type === "event") return { role: "context" }
  if (type === "span" || type === "chain") return { role: "chain", ...texts(input, output) }
  if (type === "agent") return { role: "agent", agentName: span.name, ...texts(input, output) }
  const tool: ToolCall = {}
  const value = parsedStructure(input)
  if (value !== undefined) tool.arguments = value
  const usage = detailedUsage(attributes["langfuse.observation.usage_details"])
  if (output !== undefined) tool.result = unwrapResult(parsed(output) ?? null).result
  return { role: "tool", tool, ...(usage === undefined ? {} : { model: { usage } }) }
}

function texts(input: Parameters<typeof readRequest>[0], output: Parameters<typeof readRequest>[0]) {
  const found: { input?: string; output?: string } = {}
  const asked = newestUserText(readRequest(input) ?? []) ?? asText(parsed(input))
  if (asked !== undefined) found.input = asked
  const answer =
    readResponse(output)?.messages.map(messageText).filter(Boolean).at(-1) ?? asText(parsed(output))
  if (answer !== undefined) found.output = answer
  return found
}

/** Mastra: a step holds the messages, the `chat` below it the usage; `model_generation` sums up its steps. */
export const mastra: Convention = (span) => {
  const { attributes } = span
  const operation = pickText(attributes, "gen_ai.operation.name")
  const stepInput = attributes["mastra.model_step.input"]
  const stepOutput = attributes["mastra.model_step.output"]
  if (operation === "model_generation") return { role: "model", isAggregate: true, model: generation(span) }
  if (stepInput === undefined && stepOutput === undefined) {
    if (operation === "model_chunk" || operation === "mapping") return { role: "chain", isHidden: true }
    return undefined
  }
  const call: ModelCall = {}
  const input = readRequest(stepInput)
  if (input !== undefined) call.input = input
  const answer = readResponse(stepOutput)
  if (answer !== undefined) call.output = answer.messages
  const body = asObject(parsed(attributes["mastra.metadata.body"]))
  const id = asText(body?.id)
  if (id !== undefined) call.responseId = id
  return { role: "model", model: call }
}

function generation(span: OtelSpan): ModelCall {
  const call = genAiCall(span)
  const input = readRequest(span.attributes["mastra.model_generation.input"])
  if (input !== undefined) call.input = input
  const answer = readResponse(span.attributes["mastra.model_generation.output"])
  if (answer !== undefined) call.output = answer.messages
  return call
}

/** Google ADK: `call_llm` spans contain the tools that the call asked for. */
export const adk: Convention = (span) => {
  const { attributes } = span
  if (span.origin.scope !== "gcp.vertex.agent" && attributes["gcp.vertex.agent.llm_request"] === undefined)
    return undefined
  if (span.name === "invocation") return { role: "chain" }
  if (attributes["gen_ai.operation.name"] === "execute_tool") {
    if (attributes["gen_ai.tool.name"] === "(merged tools)" || span.name.includes("(merged"))
      return { role: "chain", isHidden: true }
    return genAi(span)
  }
  if (attributes["gen_ai.operation.name"] === "invoke_agent") return agentReading(span)
  if (span.name !== "call_llm" && attributes["gcp.vertex.agent.llm_response"] === undefined)
    return genAi(span) ?? { role: "chain" }
  const call = genAiCall(span)
  const input = readRequest(attributes["gcp.vertex.agent.llm_request"])
  if (input !== undefined) call.input = input
  const response = parsed(attributes["gcp.vertex.agent.llm_response"])
  const answer = readResponse(response)
  if (answer !== undefined) call.output = answer.messages
  const usage = detailedUsage(asObject(response)?.usageMetadata ?? asObject(response)?.usage_metadata)
  if (usage !== undefined) call.usage = usage
  return { role: "model", model: call }
}

/** LangSmith's runs exported through OpenTelemetry. */
export const langSmithSpan: Convention = (span) => {
  const { attributes } = span
  const kind = pickText(attributes, "langsmith.span.kind")
  if (kind === undefined) return undefined
  const isRoot = attributes["langsmith.is_root"] === true || attributes["langsmith.is_root"] === "true"
  if (kind === "llm") return { role: "model", model: genAiCall(span) }
  if (kind === "tool" || kind === "retriever" || kind === "embedding") {
    const reading = genAi({ ...span, attributes: { ...attributes, "gen_ai.operation.name": "execute_tool" } })
    return {
      ...reading,
      role: "tool",
      name: pickText(attributes, "gen_ai.tool.name", "langsmith.trace.name") ?? span.name,
    }
  }
  const asked = asObject(parsed(attributes["gen_ai.prompt"]))
  const answer = asObject(parsed(attributes["gen_ai.completion"]))
  const input = newestUserText(readRequest(asked as never) ?? []) ?? asText(asked?.input)
  const output = lastText(answer?.messages) ?? asText(answer?.outputs) ?? asText(answer?.output)
  const reading: Reading = { role: isRoot ? "agent" : "chain", isHidden: isPlumbing(span.name) }
  if (isRoot) reading.agentName = span.name
  if (input !== undefined) reading.input = input
  if (output !== undefined) reading.output = output
  return reading
}

function lastText(raw: Parameters<typeof readMessages>[0]): string | undefined {
  const last: Message | undefined = readMessages(raw).at(-1)
  return last === undefined ? undefined : asText(messageText(last))
}

export const sessionNames = [
  "session.id",
  "gen_ai.conversation.id",
  "ai.telemetry.metadata.sessionId",
  "ai.settings.context.sessionId",
  "mastra.metadata.sessionId",
  "langsmith.metadata.thread_id",
  "gcp.vertex.agent.session_id",
  "group_id",
] as const

/** The session that a span belongs to, by the first name that is set. */
export function sessionOf(span: Pick<OtelSpan, "attributes">): string | undefined {
  const value = pick(span.attributes, ...sessionNames)
  return value === undefined ? undefined : asText(String(value))
}
