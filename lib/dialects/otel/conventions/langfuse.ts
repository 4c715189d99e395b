import { asObject, asText, parseIfJson, parseIfStructured } from "@/lib/dialects/json"
import { messageText } from "@/lib/dialects/messages/Message"
import { readRequest, readResponse } from "@/lib/dialects/messages/readExchange"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { unwrapResult } from "@/lib/dialects/messages/readParts"
import { pickText } from "@/lib/dialects/otel/attributes"
import { detailedUsage } from "@/lib/dialects/otel/usage"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { ModelCall, ToolCall } from "@/lib/dialects/traces/Step"
import type { Convention } from "./Convention"
import { genAiCall } from "./genAi"

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
    const costs = asObject(parseIfJson(attributes["langfuse.observation.cost_details"]))
    if (typeof costs?.total === "number" && costs.total > 0) call.cost = costs.total
    return { role: "model", model: call }
  }
  if (type === "event") return { role: "context" }
  if (type === "span" || type === "chain") return { role: "chain", ...texts(input, output) }
  if (type === "agent") return { role: "agent", agentName: span.name, ...texts(input, output) }
  const tool: ToolCall = {}
  const value = parseIfStructured(input)
  if (value !== undefined) tool.arguments = value
  const usage = detailedUsage(attributes["langfuse.observation.usage_details"])
  if (output !== undefined) tool.result = unwrapResult(parseIfJson(output) ?? null).result
  return { role: "tool", tool, ...(usage === undefined ? {} : { model: { usage } }) }
}

function texts(input: Parameters<typeof readRequest>[0], output: Parameters<typeof readRequest>[0]) {
  const found: { input?: string; output?: string } = {}
  const asked = newestUserText(readRequest(input) ?? []) ?? asText(parseIfJson(input))
  if (asked !== undefined) found.input = asked
  const answer =
    readResponse(output)?.messages.map(messageText).filter(Boolean).at(-1) ?? asText(parseIfJson(output))
  if (answer !== undefined) found.output = answer
  return found
}
