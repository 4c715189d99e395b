import { asObject, parseIfJson } from "@/lib/dialects/json"
import { readRequest, readResponse } from "@/lib/dialects/messages/readExchange"
import { detailedUsage } from "@/lib/dialects/otel/usage"
import type { Convention } from "./Convention"
import { agentReading, genAi, genAiCall } from "./genAi"

/** Google ADK. `call_llm` spans contain the spans of the tools that were called. */
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
  const response = parseIfJson(attributes["gcp.vertex.agent.llm_response"])
  const answer = readResponse(response)
  if (answer !== undefined) call.output = answer.messages
  const usage = detailedUsage(asObject(response)?.usageMetadata ?? asObject(response)?.usage_metadata)
  if (usage !== undefined) call.usage = usage
  return { role: "model", model: call }
}
