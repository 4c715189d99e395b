import type { Json } from "@/lib/protocol/fields"
import { otlpAttributes, type SpanJson, type TracesJson } from "./encodeOtlp"

const START = 1_767_225_600_000_123_457n

/** A trace of one agent, as an SDK would send it: two model calls with a tool call in between. */
export function agentTrace(traceId: string, service = "shop", sessionId?: string): TracesJson {
  const spans = [
    span(traceId, 2, 1, "chat m", 1, {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "m",
      "gen_ai.input.messages": JSON.stringify([message("user", "Weather?")]),
      "gen_ai.output.messages": JSON.stringify([
        {
          role: "assistant",
          parts: [{ type: "tool_call", id: `c-${traceId}`, name: "weather", arguments: {} }],
        },
      ]),
      "gen_ai.usage.input_tokens": 10,
      "gen_ai.usage.output_tokens": 2,
    }),
    span(traceId, 3, 1, "execute_tool weather", 20, {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "weather",
      "gen_ai.tool.call.id": `c-${traceId}`,
      "gen_ai.tool.call.result": '{"celsius":13}',
    }),
    span(traceId, 4, 1, "chat m", 40, {
      "gen_ai.operation.name": "chat",
      "gen_ai.request.model": "m",
      "gen_ai.output.messages": JSON.stringify([message("assistant", "13 degrees.")]),
      "gen_ai.usage.input_tokens": 20,
      "gen_ai.usage.output_tokens": 3,
    }),
    span(traceId, 1, undefined, "invoke_agent planner", 0, {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "planner",
      ...(sessionId !== undefined && { "session.id": sessionId }),
    }),
  ]
  return traces(spans, service)
}

export function traces(spans: SpanJson[], service = "shop"): TracesJson {
  const resource = { attributes: otlpAttributes({ "service.name": service, "service.instance.id": "one" }) }
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "test" }, spans }] }] }
}

export function span(
  traceId: string,
  id: number,
  parent: number | undefined,
  name: string,
  atMs: number,
  attributes: { [name: string]: Json },
): SpanJson {
  return {
    traceId,
    spanId: hex(id),
    ...(parent !== undefined && { parentSpanId: hex(parent) }),
    name,
    startTimeUnixNano: String(START + BigInt(atMs) * 1_000_000n),
    endTimeUnixNano: String(START + BigInt(atMs + 10) * 1_000_000n),
    attributes: otlpAttributes(attributes),
  }
}

function hex(id: number): string {
  return id.toString(16).padStart(16, "0")
}

function message(role: string, content: string) {
  return { role, parts: [{ type: "text", content }] }
}
