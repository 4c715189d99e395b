import { asObject, asText, parseIfJson } from "@/lib/dialects/json"
import { type Message, messageText } from "@/lib/dialects/messages/Message"
import { readRequest } from "@/lib/dialects/messages/readExchange"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { pickText } from "@/lib/dialects/otel/attributes"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { Convention, Reading } from "./Convention"
import { genAi, genAiCall } from "./genAi"
import { isPlumbing } from "./langGraph"

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
  const asked = asObject(parseIfJson(attributes["gen_ai.prompt"]))
  const answer = asObject(parseIfJson(attributes["gen_ai.completion"]))
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
