import { describe, expect, test } from "vitest"
import { onlyRun, replay, type SpanInput, span } from "@/lib/dialects/testing/buildSpan"
import type { Json } from "@/lib/protocol/fields"

const text = (value: Json) => JSON.stringify(value)
const chat = {
  "gen_ai.operation.name": "chat",
  "gen_ai.request.model": "m",
  "gen_ai.usage.input_tokens": 10,
  "gen_ai.usage.output_tokens": 5,
}
const content = {
  "gen_ai.input.messages": text([{ role: "user", parts: [{ type: "text", content: "Hi" }] }]),
  "gen_ai.output.messages": text([{ role: "assistant", parts: [{ type: "text", content: "Hello." }] }]),
}
const runOf = (...spans: SpanInput[]) => onlyRun(replay([[0, spans.map(span)]]))

describe("names of operations outside the conventions", () => {
  test.each([
    "chat.completions",
    "acompletion",
    "converse",
    "streaming_chat",
    "generate_text",
    "InvokeModel",
  ])("%s is a model call", (operation) => {
    const run = runOf({ id: "c", attributes: { ...chat, ...content, "gen_ai.operation.name": operation } })
    expect(run.turns).toMatchObject([{ kind: "model", prompt: "Hi", message: "Hello." }])
  })

  test("a step without the attributes of a model call isn't a model call", () => {
    const agent = { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "a" }
    const run = runOf(
      { id: "a", attributes: agent, to: 50 },
      { id: "s", parent: "a", from: 1, to: 40, attributes: { "gen_ai.operation.name": "chat_step" } },
      { id: "c", parent: "s", from: 2, to: 20, attributes: { ...chat, ...content } },
    )
    expect(run.shape).toEqual(["model"])
  })

  test("LiteLLM: a request's type is the name of the call", () => {
    const run = runOf({
      id: "c",
      name: "litellm_request",
      attributes: {
        "llm.request.type": "acompletion",
        "gen_ai.request.model": "m",
        "gen_ai.prompt.0.role": "user",
        "gen_ai.prompt.0.content": "Hi",
        "gen_ai.completion.0.role": "assistant",
        "gen_ai.completion.0.content": "Hello.",
      },
    })
    expect(run.turns).toMatchObject([{ kind: "model", prompt: "Hi", message: "Hello.", model: "m" }])
  })
})

test("a model call's content may be in an event of its span", () => {
  const event = { name: "gen_ai.client.inference.operation.details", attributes: content }
  const run = runOf({ id: "c", attributes: chat, events: [event] })
  expect(run.turns).toMatchObject([{ kind: "model", prompt: "Hi", message: "Hello." }])
})

test("a retrieval has its query and documents", () => {
  const run = runOf(
    { id: "c", from: 0, to: 50, attributes: { "gen_ai.operation.name": "invoke_agent" } },
    {
      id: "r",
      parent: "c",
      from: 1,
      attributes: {
        "gen_ai.operation.name": "retrieval",
        "gen_ai.retrieval.query.text": "weather",
        "gen_ai.retrieval.documents": text([{ id: "d1", score: 0.9 }]),
      },
    },
  )
  expect(run.turns).toMatchObject([
    { tool: "retrieval", parameters: "weather", output: [{ id: "d1", score: 0.9 }] },
  ])
})

test("MCP's request below a tool's span is the same call", () => {
  const tool = { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "find" }
  const request = { ...tool, "mcp.method.name": "tools/call" }
  const run = runOf(
    { id: "c", from: 0, to: 90, attributes: { "gen_ai.operation.name": "invoke_agent" } },
    { id: "t", parent: "c", from: 1, to: 50, attributes: tool },
    { id: "m", parent: "t", from: 2, to: 40, attributes: request },
    { id: "alone", parent: "c", from: 60, to: 70, attributes: request },
  )
  expect(run.shape).toEqual(["tool find", "tool find"])
})

test("Strands: calls and results in Bedrock's form, in events", () => {
  const call = { toolUse: { toolUseId: "u1", name: "weather", input: { city: "Porto" } } }
  const run = runOf(
    { id: "a", from: 0, to: 90, attributes: { "gen_ai.operation.name": "invoke_agent" } },
    {
      id: "c",
      parent: "a",
      from: 1,
      to: 20,
      attributes: chat,
      events: [
        { name: "gen_ai.user.message", attributes: { content: text([{ text: "How warm is it?" }]) } },
        {
          name: "gen_ai.choice",
          attributes: {
            message: text([{ reasoningContent: { reasoningText: { text: "Hm" } } }, call]),
          },
        },
      ],
    },
    {
      id: "t",
      parent: "a",
      from: 21,
      to: 30,
      attributes: {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "weather",
        "gen_ai.tool.call.id": "u1",
      },
      events: [
        { name: "gen_ai.tool.message", attributes: { content: text({ city: "Porto" }) } },
        { name: "gen_ai.choice", attributes: { message: text([{ text: "13 degrees" }]) } },
      ],
    },
  )
  expect(run.turns).toMatchObject([
    { kind: "model", prompt: "How warm is it?", thinking: "Hm", attributes: { tool_calls: [{ id: "u1" }] } },
    { tool: "weather", parameters: { city: "Porto" }, output: "13 degrees" },
  ])
})

test("Bedrock: a tool without a span is known from the next call's history", () => {
  const history = [
    { role: "user", content: [{ text: "How warm is it?" }] },
    {
      role: "assistant",
      content: [{ toolUse: { toolUseId: "u1", name: "weather", input: { city: "Porto" } } }],
    },
    {
      role: "user",
      content: [{ toolResult: { toolUseId: "u1", content: [{ text: "no such city" }], status: "error" } }],
    },
  ]
  const answer = (value: Json) => text([{ role: "assistant", content: value }])
  const run = runOf(
    { id: "a", from: 0, to: 90, attributes: { "gen_ai.operation.name": "invoke_agent" } },
    {
      id: "c1",
      parent: "a",
      from: 1,
      to: 20,
      attributes: {
        ...chat,
        "gen_ai.input.messages": text(history.slice(0, 1)),
        "gen_ai.output.messages": answer(history[1]?.content ?? null),
      },
    },
    {
      id: "c2",
      parent: "a",
      from: 30,
      to: 50,
      attributes: {
        ...chat,
        "gen_ai.input.messages": text(history),
        "gen_ai.output.messages": answer([{ text: "I don't know." }]),
      },
    },
  )
  expect(run.shape).toEqual(["model", "tool weather!", "model"])
  expect(run.turns[1]).toMatchObject({ parameters: { city: "Porto" }, output: "no such city" })
})

test("OpenInference: rerankers, embeddings, and completions without messages", () => {
  const kind = (value: string) => ({ "openinference.span.kind": value })
  const run = runOf(
    { id: "a", from: 0, to: 90, attributes: kind("AGENT") },
    {
      id: "rerank",
      name: "rerank",
      parent: "a",
      from: 1,
      attributes: {
        ...kind("RERANKER"),
        "reranker.query": "weather",
        "reranker.output_documents.0.document.content": "sunny",
      },
    },
    {
      id: "embed",
      name: "embed",
      parent: "a",
      from: 20,
      attributes: { ...kind("EMBEDDING"), "embedding.embeddings.0.embedding.text": "sunny" },
    },
    {
      id: "complete",
      parent: "a",
      from: 40,
      attributes: {
        ...kind("LLM"),
        "llm.prompts.0.prompt.text": "Once",
        "llm.choices.0.completion.text": "upon a time",
      },
    },
  )
  expect(run.turns).toMatchObject([
    { tool: "rerank", parameters: "weather", output: [{ document: { content: "sunny" } }] },
    { tool: "embed", parameters: ["sunny"] },
    { kind: "model", prompt: "Once", message: "upon a time" },
  ])
})
