import { asArray, asObject, asText, parseIfJson, parseIfStructured, toText } from "@/lib/dialects/json"
import { toolMessage } from "@/lib/dialects/messages/langChain"
import { callsOf, type Message, messageText } from "@/lib/dialects/messages/Message"
import { readRequest, readResponse } from "@/lib/dialects/messages/readExchange"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { unwrapResult } from "@/lib/dialects/messages/readParts"
import { pickNumber, pickText, unflatten } from "@/lib/dialects/otel/attributes"
import type { Attributes, OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { ModelCall, ToolCall } from "@/lib/dialects/traces/Step"
import type { Convention, Reading } from "./Convention"
import { splitGluedCalls } from "./gluedCalls"
import { isPlumbing } from "./langGraph"

/** OpenInference, used for OpenAI, Anthropic, LangChain, OpenAI Agents, Claude Agent SDK and many others. */
export const openInference: Convention = (span) => {
  const kind = pickText(span.attributes, "openinference.span.kind")?.toUpperCase()
  if (kind === undefined) return undefined
  if (kind === "LLM") return { role: "model", model: modelCall(span.attributes) }
  if (kind === "AGENT") return agentReading(span)
  if (kind === "CHAIN" || kind === "PROMPT" || kind === "UNKNOWN") return chainReading(span)
  return {
    role: "tool",
    name: pickText(span.attributes, "tool.name", "reranker.model_name") ?? span.name,
    tool: toolCall(span),
  }
}

function agentReading(span: OtelSpan): Reading {
  const { attributes } = span
  const cost = pickNumber(attributes, "llm.cost.total")
  const name = pickText(attributes, "agent.name", "graph.node.id") ?? span.name
  const reading: Reading = { role: "agent", name, agentName: name, ...exchange(attributes) }
  if (cost !== undefined) reading.cost = cost
  // The instrumentation of OpenAI Agents puts the workflow's name on the root span.
  if (span.origin.scope.includes("openai-agents")) {
    reading.innerAgent = "path"
    if (name === "Agent workflow") delete reading.agentName
  }
  const model = pickText(attributes, "llm.model_name")
  if (model !== undefined) reading.model = { model }
  return reading
}

/** Reads a chain. LangGraph's graphs are agents; its nodes and runnables are their steps. */
function chainReading(span: OtelSpan): Reading {
  const reading: Reading = { role: "chain", ...exchange(span.attributes) }
  if (!span.origin.scope.includes("langchain")) {
    if (span.origin.scope.includes("openai-agents")) reading.isHidden = true
    return reading
  }
  const metadata = asObject(parseIfJson(span.attributes.metadata))
  if (isPlumbing(span.name)) return { ...reading, isHidden: true }
  if (asText(metadata?.langgraph_node) === span.name) return reading
  return { ...reading, role: "agent", agentName: span.name }
}

function exchange(attributes: Attributes): { input?: string; output?: string } {
  const texts: { input?: string; output?: string } = {}
  const request = parseIfStructured(attributes["input.value"])
  const input = newestUserText(readRequest(request) ?? []) ?? plain(attributes["input.value"])
  if (input !== undefined) texts.input = input
  const answer =
    readResponse(parseIfStructured(attributes["output.value"]))?.messages ??
    stateMessages(attributes["output.value"])
  const output = answer.map(messageText).filter(Boolean).at(-1) ?? plain(attributes["output.value"])
  if (output !== undefined) texts.output = output
  return texts
}

/** Reads the messages from a graph's state. The last one is the answer. */
function stateMessages(raw: Attributes[string]): Message[] {
  const state = asObject(parseIfStructured(raw))
  return state?.messages === undefined ? [] : readMessages(state.messages).slice(-1)
}

function plain(raw: Attributes[string]): string | undefined {
  return typeof parseIfStructured(raw) === "string" ? asText(raw) : undefined
}

function modelCall(attributes: Attributes): ModelCall {
  const call: ModelCall = {}
  const tools = toolNames(attributes)
  const flatInput = flat(attributes, "llm.input_messages", "user")
  const rawInput = readRequest(attributes["input.value"])
  // The raw request has what the flat form lacks: all of Anthropic's parallel results, and system text in parts.
  const input = rawInput ?? (flatInput.length > 0 ? flatInput : readMessages(attributes["input.value"]))
  const system = input.some((message) => message.role === "system")
    ? []
    : flatInput.filter((message) => message.role === "system" && message.parts.length > 0)
  if (input.length > 0) call.input = [...system, ...input]
  else addTexts(call, attributes)
  const answer = readResponse(attributes["output.value"])
  const flatOutput = flat(attributes, "llm.output_messages", "assistant")
  const output = richer(answer?.messages ?? [], flatOutput)
  const text = plain(attributes["output.value"])
  if (output.length > 0) call.output = splitGluedCalls(output, tools)
  else if (text !== undefined) call.output = [{ role: "assistant", parts: [{ type: "text", text }] }]
  const finish = pickText(attributes, "llm.finish_reason", "llm.response.finish_reason") ?? answer?.finish
  if (finish !== undefined) call.finish = finish
  if (answer?.responseId !== undefined) call.responseId = answer.responseId
  const model = pickText(attributes, "llm.response.model_name", "llm.model_name") ?? answer?.model
  if (model !== undefined) call.model = model
  const cost = pickNumber(attributes, "llm.cost.total")
  if (cost !== undefined) call.cost = cost
  return call
}

/** Reads the prompts and completions of a call without messages. */
function addTexts(call: ModelCall, attributes: Attributes): void {
  const texts = (prefix: string, field: string) =>
    unflatten(attributes, prefix).flatMap((item) => asText(asObject(asObject(item)?.[field])?.text) ?? [])
  const prompts = texts("llm.prompts", "prompt")
  const choices = texts("llm.choices", "completion")
  if (prompts.length > 0)
    call.input = prompts.map((text) => ({ role: "user", parts: [{ type: "text", text }] }))
  if (choices.length > 0)
    call.output = choices.map((text) => ({ role: "assistant", parts: [{ type: "text", text }] }))
}

function richer(raw: Message[], flatOutput: Message[]): Message[] {
  if (raw.length === 0) return flatOutput
  return callsOf(flatOutput).length > callsOf(raw).length ? flatOutput : raw
}

/** Reads messages from flat attributes such as `llm.input_messages.0.message.contents.1.message_content.text`. */
function flat(attributes: Attributes, prefix: string, role: Message["role"]): Message[] {
  return unflatten(attributes, prefix).flatMap((item) => {
    const message = asObject(asObject(item)?.message)
    if (message === undefined) return []
    const contents = asArray(message.contents).flatMap((part) => {
      const content = asObject(asObject(part)?.message_content)
      if (content === undefined || content.type === "tool_use") return []
      return [content.reasoning === undefined ? content : { ...content, thinking: content.reasoning }]
    })
    const merged = {
      ...message,
      role: message.role ?? role,
      content: message.content ?? contents,
      tool_calls: asArray(message.tool_calls).map((entry) => asObject(entry)?.tool_call ?? entry),
    }
    return readMessages([merged] as Parameters<typeof readMessages>[0], role)
  })
}

function toolNames(attributes: Attributes): string[] {
  return unflatten(attributes, "llm.tools").flatMap((item) => {
    const schema = asObject(parseIfJson(asObject(asObject(item)?.tool)?.json_schema))
    return asText(asObject(schema?.function)?.name) ?? asText(schema?.name) ?? []
  })
}

function toolCall(span: OtelSpan): ToolCall {
  const { attributes } = span
  const tool: ToolCall = {}
  const raw =
    attributes["input.value"] ??
    attributes["tool.parameters"] ??
    attributes["tool_call.function.arguments"] ??
    attributes["reranker.query"] ??
    embeddedTexts(attributes)
  const value = parseIfStructured(raw)
  if (value !== undefined) tool.arguments = value
  if (typeof value === "string") tool.isBare = true
  const callId = pickText(attributes, "tool_call.id", "tool.id")
  if (callId !== undefined) tool.callId = callId
  if (/^handoff\b/i.test(span.name)) tool.isHandoff = true
  const output = parseIfJson(attributes["output.value"])
  const message = toolMessage(output) ?? toolMessage(asObject(output)?.output)
  if (message !== undefined) {
    tool.result = message.result
    if (message.isError) tool.hasFailed = true
    if (message.id !== undefined) tool.callId ??= message.id
  } else if (output !== undefined) tool.result = unwrapResult(output).result
  const documents = [
    ...unflatten(attributes, "retrieval.documents"),
    ...unflatten(attributes, "reranker.output_documents"),
  ]
  if (tool.result === undefined && documents.length > 0) tool.result = documents
  if (tool.result === undefined && attributes["output.value"] !== undefined)
    tool.result = toText(attributes["output.value"])
  return tool
}

function embeddedTexts(attributes: Attributes): string[] | undefined {
  const texts = unflatten(attributes, "embedding.embeddings").flatMap(
    (item) => asText(asObject(asObject(item)?.embedding)?.text) ?? [],
  )
  return texts.length === 0 ? undefined : texts
}
