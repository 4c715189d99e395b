import { asArray, asNumeric, asObject, asText, type JsonObject, parseIfJson } from "@/lib/dialects/json"
import type { Message, Part } from "@/lib/dialects/messages/Message"
import { pickText } from "@/lib/dialects/otel/attributes"
import type { OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import type { ToolCall } from "@/lib/dialects/traces/Step"
import type { Json } from "@/lib/protocol/fields"
import type { Convention, Reading } from "./Convention"
import { genAi, genAiCall } from "./genAi"

/** Gemini CLI's operations, whose names are unique among senders of `gen_ai.*`, and the tools of its fork Qwen Code. */
export const geminiCli: Convention = (span) => {
  // This span duplicates the call, without the time spent waiting for permission.
  if (span.name === "qwen-code.tool.execution") return { role: "chain", isHidden: true }
  if (span.name === "qwen-code.tool") return qwenTool(span)
  switch (span.attributes["gen_ai.operation.name"]) {
    case "llm_call":
      return modelReading(span)
    case "tool_call":
      return toolReading(span)
    case "agent_call":
      return {
        role: "agent",
        name: pickText(span.attributes, "gen_ai.agent.name") ?? span.name,
        innerAgent: "path",
      }
    case "schedule_tool_calls":
    case "user_prompt":
    case "system_prompt":
      return { role: "chain", isHidden: true }
    default:
      return undefined
  }
}

function modelReading(span: OtelSpan): Reading {
  const model = genAiCall(span)
  if (model.output !== undefined) model.output = joinChunks(model.output)
  const isEmpty = model.output === undefined && model.input === undefined
  return { role: "model", model, ...(isEmpty && { completedBy: [`span:${span.spanId}`] }) }
}

/** Joins the parts of a streamed answer, which contains one message per chunk. */
function joinChunks(messages: readonly Message[]): Message[] {
  const parts: Part[] = []
  for (const part of messages.flatMap((message) => message.parts)) {
    const last = parts.at(-1)
    if (part.type === "text" && last?.type === "text")
      parts[parts.length - 1] = { ...last, text: last.text + part.text }
    else if (part.type === "call" && part.id !== undefined)
      parts.push({ ...part, id: bareCallId(part.id, part.name) })
    else parts.push(part)
  }
  return [{ role: "assistant", parts }]
}

/** Strips the tool's name from a call id: `name__id` in the call is `id` in the history of later calls. */
function bareCallId(id: string, name: string): string {
  return id.startsWith(`${name}__`) ? id.slice(name.length + 2) : id
}

function toolReading(span: OtelSpan): Reading {
  const { attributes } = span
  const request = asObject(parseIfJson(attributes["gen_ai.input.messages"]))
  const done = asObject(parseIfJson(attributes["gen_ai.output.messages"]))
  const response = asObject(done?.response)
  const tool: ToolCall = {}
  if (request?.args !== undefined) tool.arguments = request.args
  const name = pickText(attributes, "gen_ai.tool.name") ?? asText(request?.name) ?? "tool"
  const callId = pickText(attributes, "gen_ai.tool.call_id", "gen_ai.tool.call.id") ?? asText(request?.callId)
  if (callId !== undefined) tool.callId = bareCallId(callId, name)
  const result = resultOf(response)
  if (result !== undefined) tool.result = result
  const data = asObject(response?.data)
  const exitCode = asNumeric(data?.exitCode)
  if (exitCode !== undefined) tool.exitCode = exitCode
  const reading: Reading = { role: "tool", name, tool }
  if (asText(done?.status) === "cancelled") tool.rejectedBy = "user"
  else if (asText(done?.status) === "error" || data?.isError === true)
    reading.error = {
      message: asText(asObject(response?.error)?.message) ?? asText(result) ?? "the tool failed",
      ...(typeof response?.errorType === "string" && { type: response.errorType }),
    }
  return reading
}

/** Reads Qwen Code's span of a tool. The tool's arguments and errors arrive as log records. */
function qwenTool(span: OtelSpan): Reading | undefined {
  const reading = genAi(span)
  const callId = reading?.tool?.callId
  return callId === undefined ? reading : { ...reading, role: "tool", completedBy: [`tool:${callId}`] }
}

/** Returns the tool's result, which is wrapped in a message for the model. */
function resultOf(response: JsonObject | undefined): Json | undefined {
  const [answer] = asArray(response?.responseParts)
  const value = asObject(asObject(answer)?.functionResponse)?.response
  return value === undefined ? undefined : (asObject(value)?.output ?? asObject(value)?.error ?? value)
}
