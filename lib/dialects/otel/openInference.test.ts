import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"
import type { Json } from "@/lib/protocol/fields"

type Fields = { [name: string]: Json }

const llm = (id: string, from: number, fields: Fields, parent = "root") =>
  span({
    id,
    parent,
    from,
    to: from + 5,
    attributes: { "openinference.span.kind": "LLM", "llm.model_name": "m", ...fields },
  })
const root = span({ id: "root", name: "loop", to: 100 })

describe("OpenInference", () => {
  test("messages in flat attributes are read if the raw request is missing", () => {
    const call = llm("m", 1, {
      "llm.input_messages.0.message.role": "user",
      "llm.input_messages.0.message.contents.0.message_content.type": "text",
      "llm.input_messages.0.message.contents.0.message_content.text": "Look at this",
      "llm.input_messages.0.message.contents.1.message_content.type": "image",
      "llm.output_messages.0.message.role": "assistant",
      "llm.output_messages.0.message.contents.0.message_content.type": "reasoning",
      "llm.output_messages.0.message.contents.0.message_content.reasoning": "It is a cat.",
      "llm.output_messages.0.message.contents.1.message_content.type": "text",
      "llm.output_messages.0.message.contents.1.message_content.text": "A cat.",
      "llm.finish_reason": "stop",
    })
    const run = onlyRun(replay([[0, [call, root]]]))
    expect(run.turns).toMatchObject([
      {
        prompt: "Look at this\n[image]",
        message: "A cat.",
        thinking: "It is a cat.",
        attributes: { finish_reason: "stop" },
      },
    ])
  })

  test("parallel calls that were concatenated while streaming are split", () => {
    const tools = {
      "llm.tools.0.tool.json_schema": '{"type":"function","function":{"name":"run_tests"}}',
      "llm.tools.1.tool.json_schema": '{"name":"read_file"}',
    }
    const glued = llm("m1", 1, {
      ...tools,
      "input.value": JSON.stringify({ messages: [{ role: "user", content: "Fix it" }] }),
      "llm.output_messages.0.message.role": "assistant",
      "llm.output_messages.0.message.tool_calls.0.tool_call.id": "call_1call_2",
      "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "run_testsread_file",
      "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments":
        '{"filter":"}"}{"path":"a.md"}',
    })
    const next = llm("m2", 50, {
      "input.value": JSON.stringify({
        messages: [
          { role: "user", content: "Fix it" },
          {
            role: "assistant",
            tool_calls: [
              { id: "call_1", function: { name: "run_tests", arguments: '{"filter":"}"}' } },
              { id: "call_2", function: { name: "read_file", arguments: '{"path":"a.md"}' } },
            ],
          },
          { role: "tool", tool_call_id: "call_1", content: "ok" },
          { role: "tool", tool_call_id: "call_2", content: "text" },
        ],
      }),
      "output.value": "Done",
    })
    const run = onlyRun(replay([[0, [glued, next, root]]]))
    expect(run.shape).toEqual(["model", "tool run_tests", "tool read_file", "model"])
    expect(run.turns[0]?.attributes?.tool_calls).toEqual([
      { id: "call_1", name: "run_tests" },
      { id: "call_2", name: "read_file" },
    ])
    expect(run.turns[2]).toMatchObject({ parameters: { path: "a.md" }, output: "text" })
    expect(run.turns[3]?.message).toBe("Done")
  })

  test("all of Anthropic's parallel results are found in the raw request", () => {
    const uses = [
      { type: "tool_use", id: "u1", name: "a", input: { x: 1 } },
      { type: "tool_use", id: "u2", name: "b", input: { y: 2 } },
    ]
    const first = llm("m1", 1, {
      "input.value": JSON.stringify({ system: "Be brief.", messages: [{ role: "user", content: "Go" }] }),
      "output.value": JSON.stringify({
        id: "msg_1",
        type: "message",
        role: "assistant",
        stop_reason: "tool_use",
        content: [{ type: "text", text: "Both." }, ...uses],
      }),
    })
    const second = llm("m2", 50, {
      "input.value": JSON.stringify({
        system: "Be brief.",
        messages: [
          { role: "user", content: "Go" },
          { role: "assistant", content: [{ type: "text", text: "Both." }, ...uses] },
          {
            role: "user",
            content: [
              { type: "tool_result", tool_use_id: "u1", content: "one" },
              {
                type: "tool_result",
                tool_use_id: "u2",
                is_error: true,
                content: [{ type: "text", text: "broken" }],
              },
            ],
          },
        ],
      }),
      "llm.input_messages.2.message.role": "user",
      "llm.input_messages.2.message.tool_call_id": "u2",
    })
    const run = onlyRun(replay([[0, [first, second, root]]]))
    expect(run.shape).toEqual(["model", "tool a", "tool b!", "model"])
    expect(run.turns[0]).toMatchObject({ prompt: "Be brief.\n\nGo", message: "Both.", response_id: "msg_1" })
    expect(run.turns[2]?.error).toEqual({ message: "broken" })
  })

  test("LangChain: a single argument gets its name from the call, the graph is the run, and its nodes form the path", () => {
    const scope = "@arizeai/openinference-instrumentation-langchain"
    const chain = (id: string, name: string, parent: string | undefined, node?: string) =>
      span({
        id,
        name,
        scope,
        to: 90,
        ...(parent !== undefined && { parent }),
        attributes: {
          "openinference.span.kind": "CHAIN",
          ...(node && { metadata: JSON.stringify({ langgraph_node: node }) }),
        },
      })
    const message = (type: string, kwargs: Fields) => ({
      lc: 1,
      type: "constructor",
      id: ["langchain_core", "messages", type],
      kwargs,
    })
    const model = span({
      id: "m",
      parent: "node",
      scope,
      name: "ChatOpenAI",
      from: 1,
      attributes: {
        "openinference.span.kind": "LLM",
        "input.value": JSON.stringify({
          messages: [
            [
              message("SystemMessage", { content: [{ type: "text", text: "Plan." }] }),
              message("HumanMessage", { content: "Lisbon?" }),
            ],
          ],
        }),
        "output.value": JSON.stringify({
          generations: [
            [
              {
                message: message("AIMessage", {
                  content: "",
                  tool_calls: [{ id: "c1", name: "weather", args: { city: "Lisbon" } }],
                }),
              },
            ],
          ],
        }),
      },
    })
    const tool = span({
      id: "t",
      parent: "tools",
      scope,
      name: "weather",
      from: 20,
      attributes: {
        "openinference.span.kind": "TOOL",
        "tool.name": "weather",
        "input.value": "Lisbon",
        "output.value": JSON.stringify({
          output: message("ToolMessage", { content: "18", tool_call_id: "c1", status: "success" }),
        }),
      },
    })
    const run = onlyRun(
      replay([
        [
          0,
          [
            model,
            chain("node", "model_request", "graph", "model_request"),
            tool,
            chain("tools", "tools", "graph", "tools"),
            chain("lambda", "RunnableLambda", "graph"),
            chain("graph", "Trip planner", undefined),
          ],
        ],
      ]),
    )
    expect(run.start.agent_name).toBe("Trip planner")
    expect(run.turns).toMatchObject([
      { kind: "model", prompt: "Plan.\n\nLisbon?", path: ["model_request"] },
      { kind: "tool", parameters: { city: "Lisbon" }, output: 18, call_id: "c1", path: ["tools"] },
    ])
  })

  test("retrievers and guardrails are tool turns", () => {
    const retriever = span({
      id: "r",
      parent: "root",
      name: "notes",
      from: 1,
      attributes: {
        "openinference.span.kind": "RETRIEVER",
        "input.value": "trams",
        "retrieval.documents.0.document.content": "Tram Museum",
      },
    })
    const guardrail = span({
      id: "g",
      parent: "root",
      name: "safe?",
      from: 2,
      attributes: { "openinference.span.kind": "GUARDRAIL" },
    })
    const run = onlyRun(replay([[0, [retriever, guardrail, root]]]))
    expect(run.shape).toEqual(["tool notes", "tool safe?"])
    expect(run.turns[0]?.output).toEqual([{ document: { content: "Tram Museum" } }])
  })
})
