import { parseIfJson, parseIfStructured } from "@/lib/dialects/json"
import type { Message } from "@/lib/dialects/messages/Message"
import { readMessages } from "@/lib/dialects/messages/readMessages"
import { unwrapResult } from "@/lib/dialects/messages/readParts"
import { eventOf } from "@/lib/dialects/otel/attributes"
import type { Attributes, OtelSpan } from "@/lib/dialects/otel/OtelRecord"
import type { ToolCall } from "@/lib/dialects/traces/Step"

/** Returns a span's attributes, plus those of the event in which newer conventions put the call's content. */
export function withDetails(span: OtelSpan): Attributes {
  const details = eventOf(span, "gen_ai.client.inference.operation.details")
  return details === undefined ? span.attributes : { ...details, ...span.attributes }
}

/** Reads messages from span events such as `gen_ai.user.message`, as Strands and others write them. */
export function promptEvents(span: OtelSpan): Message[] {
  return span.events.flatMap((event) => {
    const match = /^gen_ai\.(system|user|assistant|tool)\.message$/.exec(event.name)
    return match === null
      ? []
      : readMessages([
          {
            role: match[1] ?? "user",
            ...event.attributes,
            content: parseIfStructured(event.attributes.content) ?? null,
          } as never,
        ])
  })
}

export function choiceEvents(span: OtelSpan): Message[] {
  return span.events.flatMap((event) => {
    if (event.name !== "gen_ai.choice") return []
    const message = parseIfStructured(event.attributes.message ?? event.attributes.content)
    if (typeof message === "string") return readMessages(message, "assistant")
    const whole = Array.isArray(message) ? { role: "assistant", content: message } : (message ?? null)
    return readMessages([whole] as never, "assistant")
  })
}

/** Reads a tool's arguments and result from the events of its span. */
export function toolEvents(span: OtelSpan): ToolCall {
  const tool: ToolCall = {}
  const value = parseIfStructured(eventOf(span, "gen_ai.tool.message")?.content)
  if (value !== undefined) tool.arguments = value
  const choice = eventOf(span, "gen_ai.choice")
  const result = choice?.message ?? choice?.content
  if (result !== undefined) tool.result = unwrapResult(parseIfJson(result) ?? null).result
  return tool
}

export function eventValue(span: OtelSpan, event: string, name: string) {
  return eventOf(span, event)?.[name]
}
