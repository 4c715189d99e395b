import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"

const text = (role: string, content: string) => ({ role, parts: [{ type: "text", content }] })
const call = (id: string, name: string, args: object) => ({ type: "tool_call", id, name, arguments: args })

const agent = span({
  id: "agent",
  name: "invoke_agent planner",
  from: 0,
  to: 100,
  attributes: {
    "gen_ai.operation.name": "invoke_agent",
    "gen_ai.agent.name": "planner",
    "gen_ai.usage.input_tokens": 30,
    "gen_ai.usage.output_tokens": 12,
    "gen_ai.conversation.id": "c-1",
  },
})
const firstCall = span({
  id: "m1",
  parent: "agent",
  name: "chat m",
  from: 1,
  to: 20,
  attributes: {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "m",
    "gen_ai.response.model": "m-2026",
    "gen_ai.response.id": "resp-1",
    "gen_ai.response.finish_reasons": ["tool_calls"],
    "gen_ai.system_instructions": JSON.stringify([{ type: "text", content: "Be brief." }]),
    "gen_ai.input.messages": JSON.stringify([text("user", "How warm is it?")]),
    "gen_ai.output.messages": JSON.stringify([
      {
        role: "assistant",
        parts: [
          { type: "reasoning", content: "hm" },
          { type: "text", content: "Let me look." },
          call("c1", "weather", { city: "Porto" }),
        ],
      },
    ]),
    "gen_ai.usage.input_tokens": 10,
    "gen_ai.usage.output_tokens": 5,
    "gen_ai.usage.cache_read.input_tokens": 4,
  },
})
const tool = span({
  id: "w1",
  parent: "agent",
  name: "execute_tool weather",
  from: 21,
  to: 60,
  attributes: {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "weather",
    "gen_ai.tool.call.id": "c1",
    "gen_ai.tool.call.arguments": '{"city":"Porto"}',
    "gen_ai.tool.call.result": '{"celsius":13}',
  },
})
const secondCall = span({
  id: "m2",
  parent: "agent",
  name: "chat m",
  from: 61,
  to: 99,
  attributes: {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "m",
    "gen_ai.input.messages": JSON.stringify([
      text("user", "How warm is it?"),
      {
        role: "assistant",
        parts: [{ type: "text", content: "Let me look." }, call("c1", "weather", { city: "Porto" })],
      },
      { role: "tool", parts: [{ type: "tool_call_response", id: "c1", response: '{"celsius":13}' }] },
    ]),
    "gen_ai.output.messages": JSON.stringify([text("assistant", "13 degrees.")]),
    "gen_ai.usage.input_tokens": 20,
    "gen_ai.usage.output_tokens": 7,
  },
})

describe("semantic conventions", () => {
  test("an agent with two calls and a tool becomes one run with three turns", () => {
    const run = onlyRun(replay([[0, [firstCall, tool, secondCall, agent]]]))
    expect(run.key).toBe("otlp:t1")
    expect(run.start).toMatchObject({
      agent_id: "otel/shop",
      agent_name: "planner",
      intent: "How warm is it?",
      started_at: "2026-01-01T00:00:00.000Z",
      labels: { session: "c-1", trace_id: "t1" },
      source: { name: "otlp", session: "c-1" },
    })
    expect(run.turns).toEqual([
      {
        kind: "model",
        started_at: "2026-01-01T00:00:00.001Z",
        duration_ms: 19,
        prompt: "Be brief.\n\nHow warm is it?",
        message: "Let me look.",
        thinking: "hm",
        model: "m-2026",
        usage: { input_tokens: 10, output_tokens: 5, cached_input_tokens: 4 },
        response_id: "resp-1",
        attributes: {
          span_id: "m1",
          tool_calls: [{ id: "c1", name: "weather" }],
          finish_reason: "tool_calls",
        },
      },
      {
        kind: "tool",
        tool: "weather",
        started_at: "2026-01-01T00:00:00.021Z",
        duration_ms: 39,
        parameters: { city: "Porto" },
        output: { celsius: 13 },
        call_id: "c1",
        attributes: { span_id: "w1" },
      },
      {
        kind: "model",
        started_at: "2026-01-01T00:00:00.061Z",
        duration_ms: 38,
        message: "13 degrees.",
        model: "m",
        usage: { input_tokens: 20, output_tokens: 7 },
        attributes: { span_id: "m2" },
      },
    ])
    expect(run.ends).toMatchObject([{ status: "success", summary: "13 degrees.", inferred: true, at: 6_000 }])
  })

  test("records sent twice change nothing, even after the run's end", () => {
    const all = [firstCall, tool, secondCall, agent]
    const run = onlyRun(
      replay([
        [0, all],
        [5, all],
        [60_000, all],
      ]),
    )
    expect(run.shape).toEqual(["model", "tool weather", "model"])
    expect(run.ends).toHaveLength(1)
  })

  test("spans in separate requests, children first, yield the same turns in the same order", () => {
    const run = onlyRun(
      replay([
        [0, [firstCall]],
        [10, [tool]],
        [20, [secondCall]],
        [30, [agent]],
      ]),
    )
    expect(run.shape).toEqual(["model", "tool weather", "model"])
  })

  test("a span without its parent is held, and shown as progress in the meantime", () => {
    const run = onlyRun(replay([[0, [firstCall]]], {}, 900))
    expect(run.turns).toEqual([])
    expect(run.progress).toMatchObject([
      { progress: { kind: "model", model: "m-2026", prompt: "How warm is it?" } },
    ])
    expect(onlyRun(replay([[0, [firstCall]]], {}, 1_100)).shape).toEqual(["model"])
  })

  test("a run without an end is incomplete after a period of silence", () => {
    const run = onlyRun(replay([[0, [firstCall, tool]]]))
    expect(run.ends).toMatchObject([{ status: "incomplete", at: 600_000 }])
  })

  test("late spans reopen a run that had ended, and it ends again", () => {
    const run = onlyRun(
      replay([
        [0, [firstCall, tool, agent]],
        [20_000, [secondCall]],
      ]),
    )
    expect(run.shape).toEqual(["model", "tool weather", "model"])
    expect(run.ends.map(({ status, at }) => [status, at])).toEqual([
      ["success", 6_000],
      ["success", 26_000],
    ])
  })

  test("an agent below an HTTP server's span is the run, and the enclosing request is context", () => {
    const server = span({
      id: "http",
      name: "POST /chat",
      from: 0,
      to: 120,
      attributes: { "http.request.method": "POST" },
    })
    const inside = [firstCall, tool, secondCall, { ...agent, parentId: "http" }]
    const run = onlyRun(replay([[0, [...inside, server]]]))
    expect(run.shape).toEqual(["model", "tool weather", "model"])
    expect(run.turns.every((turn) => turn.path === undefined)).toBe(true)
    const withoutServer = onlyRun(replay([[0, inside]]))
    expect(withoutServer.ends).toMatchObject([{ status: "success", at: 6_000 }])
  })

  test("a span with a parent in another process isn't held", () => {
    const run = onlyRun(replay([[0, [firstCall, { ...agent, parentId: "elsewhere", parentIsRemote: true }]]]))
    expect(run.ends).toMatchObject([{ status: "success", at: 6_000 }])
  })

  test("traces without an AI span yield no run", () => {
    expect(
      replay([
        [
          0,
          [
            span({ id: "a", name: "GET /", attributes: { "http.route": "/" } }),
            span({ id: "b", parent: "a", attributes: { "db.system": "pg" } }),
          ],
        ],
      ]),
    ).toEqual([])
  })

  test("an exception repeated in the parent spans is one error, and the run fails", () => {
    const exception = {
      name: "exception",
      attributes: { "exception.type": "TypeError", "exception.message": "no such city" },
    }
    const failing = { status: 2, message: "no such city", events: [{ ...exception, time: 0n }] }
    const inner = { ...firstCall, spanId: "m3", parentId: "sub", ...failing }
    const sub = span({
      id: "sub",
      parent: "w1",
      from: 22,
      to: 59,
      attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper" },
    })
    const run = onlyRun(
      replay([
        [0, [firstCall, inner, { ...sub, ...failing }, { ...tool, ...failing }, { ...agent, ...failing }]],
      ]),
    )
    expect(run.shape.filter((turn) => turn.endsWith("!"))).toEqual(["model!"])
    expect(run.ends).toMatchObject([{ status: "failure", summary: "no such city" }])
  })

  test("an agent inside a tool is a turn, and its own turns carry its name", () => {
    const sub = span({
      id: "sub",
      parent: "w1",
      from: 22,
      to: 59,
      attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper" },
    })
    const inner = { ...secondCall, spanId: "m3", parentId: "sub", start: sub.start }
    const run = onlyRun(replay([[0, [firstCall, tool, sub, inner, secondCall, agent]]]))
    expect(run.shape).toEqual(["model", "tool weather", "agent helper", "model", "model"])
    expect(run.turns[3]?.path).toEqual(["helper"])
  })

  test("a model span below another one is the same call, and counted once", () => {
    const outer = span({
      id: "outer",
      name: "model",
      from: 0,
      to: 30,
      attributes: {
        "openinference.span.kind": "LLM",
        "input.value": JSON.stringify({ messages: [{ role: "user", content: "Hi" }] }),
        "llm.token_count.prompt": 9,
      },
    })
    const inner = span({
      id: "inner",
      parent: "outer",
      from: 2,
      to: 29,
      attributes: {
        "gen_ai.operation.name": "chat",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 1,
      },
    })
    const run = onlyRun(replay([[0, [inner, outer]]]))
    expect(run.turns).toMatchObject([
      { kind: "model", prompt: "Hi", usage: { input_tokens: 10, output_tokens: 1 } },
    ])
    const late = onlyRun(
      replay([
        [0, [{ ...inner, parentId: "outer" }]],
        [3_000, [outer]],
      ]),
    )
    expect(late.shape).toEqual(["model"])
  })

  test("an agent without a model span becomes one model turn when it ends", () => {
    const run = onlyRun(
      replay([
        [
          0,
          [
            span({
              id: "a",
              name: "query",
              to: 50,
              attributes: {
                "openinference.span.kind": "AGENT",
                "input.value": "Go",
                "output.value": "Gone",
                "llm.token_count.prompt": 7,
                "llm.token_count.completion": 2,
                "llm.model_name": "m",
              },
            }),
          ],
        ],
      ]),
    )
    expect(run.turns).toMatchObject([
      {
        kind: "model",
        prompt: "Go",
        message: "Gone",
        model: "m",
        usage: { input_tokens: 7, output_tokens: 2 },
      },
    ])
  })

  test("messages in span events, as in older conventions, are read", () => {
    const run = onlyRun(
      replay([
        [
          0,
          [
            span({
              id: "m",
              name: "chat",
              attributes: {
                "gen_ai.system": "bedrock",
                "gen_ai.request.model": "m",
                "gen_ai.usage.prompt_tokens": 3,
                "gen_ai.usage.completion_tokens": 4,
              },
              events: [
                { name: "gen_ai.user.message", attributes: { content: '[{"text":"Hello"}]' } },
                {
                  name: "gen_ai.choice",
                  attributes: { message: '[{"text":"Hi!"}]', finish_reason: "end_turn" },
                },
              ],
            }),
          ],
        ],
      ]),
    )
    expect(run.turns).toMatchObject([
      { prompt: "Hello", message: "Hi!", usage: { input_tokens: 3, output_tokens: 4 } },
    ])
  })

  test("messages in numbered attributes of OpenLLMetry's older versions are read", () => {
    const run = onlyRun(
      replay([
        [
          0,
          [
            span({
              id: "m",
              attributes: {
                "llm.request.type": "chat",
                "gen_ai.prompt.0.role": "system",
                "gen_ai.prompt.0.content": "Be brief.",
                "gen_ai.prompt.1.role": "user",
                "gen_ai.prompt.1.content": "Hello",
                "gen_ai.completion.0.role": "assistant",
                "gen_ai.completion.0.content": "Hi!",
                "gen_ai.completion.0.tool_calls.0.name": "look",
                "gen_ai.completion.0.tool_calls.0.arguments": "{}",
              },
            }),
          ],
        ],
      ]),
    )
    expect(run.turns).toMatchObject([
      { prompt: "Be brief.\n\nHello", message: "Hi!", attributes: { tool_calls: [{ name: "look" }] } },
    ])
  })

  test("a prompt and an answer may be plain texts", () => {
    const attributes = {
      "gen_ai.operation.name": "text_completion",
      "gen_ai.prompt": "Say hi",
      "gen_ai.completion": "hi",
    }
    const run = onlyRun(replay([[0, [span({ id: "m", parent: "agent", attributes }), agent]]]))
    expect(run.turns).toMatchObject([{ prompt: "Say hi", message: "hi" }])
    const hidden = span({
      id: "m",
      parent: "agent",
      attributes: { ...attributes, "gen_ai.prompt": "<REDACTED>" },
    })
    expect(onlyRun(replay([[0, [hidden, agent]]])).turns[0]?.prompt).toBeUndefined()
  })

  test("an embedding has its model", () => {
    const attributes = {
      "gen_ai.operation.name": "embeddings",
      "gen_ai.request.model": "embed-3",
      "gen_ai.usage.input_tokens": 5,
    }
    const run = onlyRun(replay([[0, [span({ id: "e", parent: "agent", attributes }), agent]]]))
    expect(run.turns[0]).toMatchObject({ tool: "embeddings", model: "embed-3", usage: { input_tokens: 5 } })
  })

  test("the text of a failed result of the Model Context Protocol is the error, with or without a failed span", () => {
    const result = JSON.stringify({ content: [{ type: "text", text: "no such file" }], isError: true })
    const attributes = {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "read",
      "gen_ai.tool.call.result": result,
    }
    const failed = { status: 2, attributes: { ...attributes, "error.type": "tool_error" } }
    const errorOf = (more: object) =>
      onlyRun(replay([[0, [span({ id: "t", parent: "agent", attributes, ...more }), agent]]])).turns[0]?.error
    expect(errorOf({})).toEqual({ message: "no such file" })
    expect(errorOf(failed)).toEqual({ message: "no such file", type: "tool_error" })
  })
})
