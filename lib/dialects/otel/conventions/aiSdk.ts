import { asArray, parseIfJson, parseIfStructured } from "@/lib/dialects/json"
import type { Message, Part } from "@/lib/dialects/messages/Message"
import { readRequest } from "@/lib/dialects/messages/readExchange"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { readToolCall } from "@/lib/dialects/messages/readParts"
import { pickText } from "@/lib/dialects/otel/attributes"
import type { Attributes } from "@/lib/dialects/otel/OtelRecord"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { ModelCall } from "@/lib/dialects/traces/Step"
import type { Convention } from "./Convention"

/** The Vercel AI SDK's own attribute names: versions 5 and 6, and `LegacyOpenTelemetry` of 7. */
export const aiSdk: Convention = (span) => {
  const { attributes } = span
  const operation = pickText(attributes, "ai.operationId")
  if (operation === undefined) return undefined
  const functionId = pickText(attributes, "ai.telemetry.functionId")
  const agentName = functionId === undefined ? {} : { agentName: functionId }
  if (/\.do(Generate|Stream)$/.test(operation))
    return { role: "model", model: modelCall(attributes), ...agentName }
  if (operation === "ai.toolCall") {
    const callId = pickText(attributes, "ai.toolCall.id")
    return {
      role: "tool",
      name: pickText(attributes, "ai.toolCall.name") ?? span.name,
      tool: {
        arguments:
          parseIfStructured(attributes["ai.toolCall.args"] ?? attributes["ai.toolCall.input"]) ?? null,
        result: parseIfJson(attributes["ai.toolCall.result"] ?? attributes["ai.toolCall.output"]) ?? null,
        ...(callId === undefined ? {} : { callId }),
      },
    }
  }
  if (/\.doEmbed$|\.doRerank$/.test(operation))
    return { role: "tool", name: operation.includes("Embed") ? "embed" : "rerank", tool: {} }
  if (/^ai\.(embed|embedMany|rerank)$/.test(operation)) return { role: "chain", isHidden: true }
  const input = newestUserText(readRequest(attributes["ai.prompt"]) ?? [])
  const output = pickText(attributes, "ai.response.text", "ai.response.object")
  return {
    role: "agent",
    name: functionId ?? span.name,
    ...agentName,
    ...(input === undefined ? {} : { input }),
    ...(output === undefined ? {} : { output }),
  }
}

function modelCall(attributes: Attributes): ModelCall {
  const call: ModelCall = {}
  const input = readMessages(attributes["ai.prompt.messages"] ?? attributes["ai.prompt"])
  if (input.length > 0) call.input = input
  const parts: Part[] = []
  const thinking = pickText(attributes, "ai.response.reasoning")
  if (thinking !== undefined) parts.push({ type: "thinking", text: thinking })
  const text = pickText(attributes, "ai.response.text", "ai.response.object")
  if (text !== undefined) parts.push({ type: "text", text })
  for (const raw of asArray(parseIfJson(attributes["ai.response.toolCalls"])))
    parts.push(...readToolCall(raw))
  const message: Message = { role: "assistant", parts }
  if (parts.length > 0) call.output = [message]
  const finish = pickText(attributes, "ai.response.finishReason")
  if (finish !== undefined) call.finish = finish
  const id = pickText(attributes, "ai.response.id")
  if (id !== undefined) call.responseId = id
  const model = pickText(attributes, "ai.response.model", "ai.model.id")
  if (model !== undefined) call.model = model
  return call
}
