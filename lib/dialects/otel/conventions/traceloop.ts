import { asArray, asObject, parseIfJson } from "@/lib/dialects/json"
import { readRequest } from "@/lib/dialects/messages/readExchange"
import { pickText } from "@/lib/dialects/otel/attributes"
import { newestUserText } from "@/lib/dialects/traces/prompts"
import type { ToolCall } from "@/lib/dialects/traces/Step"
import type { Convention, Reading } from "./Convention"

/** OpenLLMetry: workflows, tasks, agents and tools around model calls. */
export const traceloop: Convention = (span) => {
  const { attributes } = span
  const kind = pickText(attributes, "traceloop.span.kind")
  if (kind === undefined) return undefined
  const name = pickText(attributes, "traceloop.entity.name") ?? span.name
  if (kind === "tool") {
    const tool: ToolCall = { arguments: entityArguments(attributes["traceloop.entity.input"]) }
    const result = parseIfJson(attributes["traceloop.entity.output"])
    if (result !== undefined) tool.result = result
    return { role: "tool", name, tool }
  }
  const output = parseIfJson(attributes["traceloop.entity.output"])
  const reading: Reading = { role: kind === "agent" ? "agent" : "chain", name, innerAgent: "path" }
  if (kind === "agent") reading.agentName = name
  const asked = entityArguments(attributes["traceloop.entity.input"])
  const input = typeof asked === "string" ? asked : newestUserText(readRequest(asked) ?? [])
  if (input !== undefined) reading.input = input
  if (typeof output === "string" && output !== "") reading.output = output
  return reading
}

/** Unwraps `{ args: [], kwargs: {} }`: returns the named arguments, the only positional argument, or both. */
function entityArguments(raw: unknown) {
  const value = parseIfJson(raw as string) ?? null
  const object = asObject(value)
  if (object === undefined || !("kwargs" in object || "args" in object)) return value
  const args = asArray(object.args)
  const named = asObject(object.kwargs) ?? {}
  if (Object.keys(named).length > 0 && args.length === 0) return object.kwargs ?? null
  if (Object.keys(named).length === 0)
    return args.length === 1 ? (args[0] ?? null) : args.length === 0 ? null : [...args]
  return value
}
