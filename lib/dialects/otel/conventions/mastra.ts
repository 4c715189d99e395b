import { asObject, asText, parseIfJson } from "@/lib/dialects/json"
import { readRequest, readResponse } from "@/lib/dialects/messages/readExchange"
import { pickText } from "@/lib/dialects/otel/attributes"
import type { OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import type { ModelCall } from "@/lib/dialects/traces/Step"
import type { Convention } from "./Convention"
import { genAiCall } from "./genAi"

/**
 * Mastra. The span of a model step has the messages, and the `chat` span below it has the usage. `model_generation`
 * sums up its model steps.
 */
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
  const body = asObject(parseIfJson(attributes["mastra.metadata.body"]))
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
