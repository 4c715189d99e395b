import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { asArray, asObject } from "@/lib/dialects/json"
import type { Json } from "@/lib/protocol/fields"

/** An answer of the model. With a tool call, the conversation continues with the tool's result. */
export type ScriptedAnswer = { text: string; tool?: { name: string; input: { [name: string]: Json } } }

export type ScriptedModel = { url: string; close(): Promise<void> }

const USAGE = { input_tokens: 100, output_tokens: 20 }

/**
 * Starts a local server that acts as a model, with Anthropic's Messages API and OpenAI's Responses API, both streamed.
 * A conversation with n tool results gets the answer with index n. Requests without tools, such as those for a title,
 * always get the same answer.
 */
export async function startScriptedModel(answers: readonly ScriptedAnswer[]): Promise<ScriptedModel> {
  const server = createServer((request, response) => void answer(answers, request, response))
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(
  answers: readonly ScriptedAnswer[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = asObject(JSON.parse((await text(request)) || "{}")) ?? {}
  const path = request.url?.split("?")[0] ?? ""
  const isMessages = path.endsWith("/messages")
  if (!isMessages && !path.endsWith("/responses")) {
    response.writeHead(404).end("{}")
    return
  }
  const step = countResults(isMessages ? body.messages : body.input)
  const next = asArray(body.tools).length === 0 ? { text: "A title" } : answers[step]
  const events = isMessages ? messagesEvents(step, next) : responsesEvents(step, next)
  const requestId = `req_${step}`
  response.writeHead(200, { "content-type": "text/event-stream", "request-id": requestId })
  for (const event of events)
    response.write(`event: ${String(event.type)}\ndata: ${JSON.stringify(event)}\n\n`)
  response.end()
}

function countResults(history: Json | undefined): number {
  return asArray(history).reduce((sum: number, item) => {
    const { type, content } = asObject(item) ?? {}
    const isOutput = type === "function_call_output" || type === "custom_tool_call_output"
    const results = asArray(content).filter((part) => asObject(part)?.type === "tool_result")
    return sum + (isOutput ? 1 : results.length)
  }, 0)
}

type Event = { [field: string]: Json }

function messagesEvents(step: number, { text: words, tool }: ScriptedAnswer = { text: "Done." }): Event[] {
  const message = {
    ...{ id: `msg_${step}`, type: "message", role: "assistant", model: "scripted", content: [] },
    ...{ stop_reason: null, stop_sequence: null, usage: { ...USAGE, output_tokens: 1 } },
  }
  const events: Event[] = [
    { type: "message_start", message },
    { type: "content_block_start", index: 0, content_block: { type: "text", text: "" } },
    { type: "content_block_delta", index: 0, delta: { type: "text_delta", text: words } },
    { type: "content_block_stop", index: 0 },
  ]
  if (tool !== undefined) {
    const { name, input } = tool
    const block = { type: "tool_use", id: `toolu_${step}`, name, input: {} }
    const delta = { type: "input_json_delta", partial_json: JSON.stringify(input) }
    events.push({ type: "content_block_start", index: 1, content_block: block })
    events.push({ type: "content_block_delta", index: 1, delta })
    events.push({ type: "content_block_stop", index: 1 })
  }
  const delta = { stop_reason: tool === undefined ? "end_turn" : "tool_use", stop_sequence: null }
  events.push({ type: "message_delta", delta, usage: USAGE }, { type: "message_stop" })
  return events
}

function responsesEvents(step: number, { text: words, tool }: ScriptedAnswer = { text: "Done." }): Event[] {
  const id = `resp_${step}`
  const content = [{ type: "output_text", text: words, annotations: [] }]
  const items: Event[] = [
    { type: "message", id: `msg_${step}`, role: "assistant", status: "completed", content },
  ]
  if (tool !== undefined)
    items.push({
      ...{ type: "function_call", id: `fc_${step}`, call_id: `call_${step}`, status: "completed" },
      ...{ name: tool.name, arguments: JSON.stringify(tool.input) },
    })
  const usage = {
    ...USAGE,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: USAGE.input_tokens + USAGE.output_tokens,
  }
  return [
    { type: "response.created", response: { id } },
    ...items.map((item, output_index) => ({ type: "response.output_item.done", output_index, item })),
    { type: "response.completed", response: { id, output: items, usage } },
  ]
}
