import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"

const json = JSON.stringify

describe("AI SDK, its own names", () => {
  const common = {
    "ai.telemetry.functionId": "planner",
    "ai.telemetry.metadata.sessionId": "s-1",
    "ai.model.id": "m",
  }
  const step = (id: string, from: number, to: number, more: object) =>
    span({
      id,
      parent: "root",
      name: "ai.streamText.doStream",
      from,
      to,
      attributes: {
        ...common,
        "ai.operationId": "ai.streamText.doStream",
        "ai.usage.inputTokens": 10,
        "ai.usage.outputTokens": 2,
        "ai.usage.cachedInputTokens": 4,
        ...more,
      },
    })
  const first = step("m1", 1, 60, {
    "ai.prompt.messages": json([
      { role: "system", content: "Fix." },
      { role: "user", content: [{ type: "text", text: "Bug!" }] },
    ]),
    "ai.response.text": "Reading.",
    "ai.response.toolCalls": json([{ toolCallId: "c1", toolName: "read", input: { path: "a" } }]),
    "ai.response.finishReason": "tool-calls",
    "gen_ai.response.id": "r1",
  })
  const tool = span({
    id: "t1",
    parent: "m1",
    name: "ai.toolCall",
    from: 20,
    to: 58,
    status: 2,
    message: "ENOENT",
    attributes: {
      ...common,
      "ai.operationId": "ai.toolCall",
      "ai.toolCall.name": "read",
      "ai.toolCall.id": "c1",
      "ai.toolCall.args": '{"path":"a"}',
    },
  })
  const root = span({
    id: "root",
    name: "ai.streamText",
    to: 70,
    attributes: {
      ...common,
      "ai.operationId": "ai.streamText",
      "ai.prompt": json({ prompt: "Bug!" }),
      "ai.response.text": "Done.",
      "ai.usage.inputTokens": 99,
    },
  })

  test("the stream's span ends for the timeline where its tools begin, and sums of the root don't count", () => {
    const run = onlyRun(replay([[0, [tool, first, root]]]))
    expect(run.shape).toEqual(["model", "tool read!"])
    expect(run.turns[0]).toMatchObject({
      duration_ms: 19,
      prompt: "Fix.\n\nBug!",
      usage: { input_tokens: 10, cached_input_tokens: 4 },
    })
    expect(run.turns[1]).toMatchObject({ call_id: "c1", error: { message: "ENOENT" } })
    expect(run.start).toMatchObject({ agent_name: "planner", labels: { session: "s-1" } })
  })

  test("a tool that arrives a request before its call waits, and comes after it when both are there", () => {
    const run = onlyRun(
      replay([
        [0, [tool]],
        [500, [first, root]],
      ]),
    )
    expect(run.shape).toEqual(["model", "tool read!"])
    const late = onlyRun(
      replay([
        [0, [tool]],
        [5_000, [first, root]],
      ]),
    )
    expect(late.shape).toEqual(["tool read!", "model"])
  })

  test("version 5 passes on Anthropic's counts, which leave cached tokens out", () => {
    const call = span({
      id: "m",
      parent: "root",
      name: "ai.generateText.doGenerate",
      attributes: {
        "ai.operationId": "ai.generateText.doGenerate",
        "ai.model.provider": "anthropic.messages",
        "ai.usage.inputTokens": 200,
        "ai.usage.outputTokens": 1,
        "ai.usage.cachedInputTokens": 100,
      },
    })
    expect(onlyRun(replay([[0, [call, root]]])).turns[0]?.usage).toMatchObject({
      input_tokens: 300,
      cached_input_tokens: 100,
    })
  })
})

describe("Logfire", () => {
  test("a pending span announces the span it is a child of: progress, never a turn", () => {
    const attributes = {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": "sleep",
      "gen_ai.tool.call.arguments": "{}",
    }
    const pending = span({
      id: "p",
      parent: "t",
      from: 5,
      to: 5,
      attributes: { ...attributes, "logfire.span_type": "pending_span", "logfire.pending_parent_id": "root" },
    })
    const pendingRoot = span({
      id: "q",
      parent: "root",
      to: 0,
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "logfire.span_type": "pending_span",
        "logfire.pending_parent_id": "0000000000000000",
      },
    })
    const tool = span({ id: "t", parent: "root", name: "execute_tool sleep", from: 5, to: 90, attributes })
    const root = span({ id: "root", to: 100, attributes: { "gen_ai.operation.name": "invoke_agent" } })
    const run = onlyRun(
      replay([
        [0, [pendingRoot, pending]],
        [20_000, [tool, root]],
      ]),
    )
    expect(run.progress[0]).toMatchObject({ progress: { kind: "tool", tool: "sleep", parameters: {} } })
    expect(run.shape).toEqual(["tool sleep"])
    expect(run.ends).toMatchObject([{ status: "success", at: 26_000 }])
  })
})

describe("Mastra", () => {
  test("a step's messages and its call's usage are one turn; the sum of the generation isn't another", () => {
    const op = (name: string) => ({ "gen_ai.operation.name": name })
    const chat = span({
      id: "chat",
      parent: "step",
      from: 3,
      to: 9,
      attributes: {
        ...op("chat"),
        "gen_ai.request.model": "m",
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.usage.output_tokens": 1,
        "gen_ai.output.messages": json([{ role: "assistant", parts: [{ type: "text", content: "" }] }]),
        "gen_ai.response.finish_reasons": '["tool-calls"]',
      },
    })
    const tool = span({
      id: "tool",
      parent: "step",
      from: 6,
      to: 8,
      attributes: { ...op("execute_tool"), "gen_ai.tool.name": "find", "gen_ai.tool.call.id": "c1" },
    })
    const step = span({
      id: "step",
      parent: "gen",
      from: 2,
      to: 9,
      attributes: {
        ...op("agent_step"),
        "mastra.model_step.input": json([{ role: "user", content: "Find it" }]),
        "mastra.model_step.output": json({
          text: "",
          toolCalls: [{ toolCallId: "c1", toolName: "find", args: {} }],
        }),
      },
    })
    const chunk = span({
      id: "chunk",
      parent: "chat",
      from: 4,
      attributes: { ...op("model_chunk"), "mastra.model_chunk.output": "{}" },
    })
    const generation = span({
      id: "gen",
      parent: "agent",
      from: 1,
      to: 9,
      attributes: {
        ...op("model_generation"),
        "mastra.model_generation.input": "{}",
        "gen_ai.usage.input_tokens": 50,
      },
    })
    const agent = span({
      id: "agent",
      to: 10,
      attributes: { ...op("invoke_agent"), "gen_ai.agent.name": "Lead", "mastra.metadata.sessionId": "s" },
    })
    const run = onlyRun(replay([[0, [chunk, tool, chat, step, generation, agent]]]))
    expect(run.shape).toEqual(["model", "tool find"])
    expect(run.turns[0]).toMatchObject({
      prompt: "Find it",
      model: "m",
      usage: { input_tokens: 5 },
      attributes: { finish_reason: "tool-calls", tool_calls: [{ id: "c1", name: "find" }] },
    })
  })
})

describe("Google ADK", () => {
  const scope = "gcp.vertex.agent"
  const resource = {}
  test("calls are read from Gemini's JSON, merged results are no tool, an error in a result counts", () => {
    const call = span({
      id: "m",
      parent: "agent",
      scope,
      resource,
      name: "call_llm",
      from: 1,
      to: 50,
      attributes: {
        "gcp.vertex.agent.session_id": "s",
        "gcp.vertex.agent.llm_request": json({
          model: "g",
          contents: [{ role: "user", parts: [{ text: "Refund" }] }],
          config: { systemInstruction: "Help." },
        }),
        "gcp.vertex.agent.llm_response": json({
          content: { role: "model", parts: [{ functionCall: { name: "refund", args: { n: 1 } } }] },
          usageMetadata: { promptTokenCount: 9, candidatesTokenCount: 3, cachedContentTokenCount: 4 },
        }),
        "gen_ai.request.model": "g",
      },
    })
    const tool = span({
      id: "t",
      parent: "m",
      scope,
      resource,
      name: "execute_tool refund",
      from: 20,
      to: 40,
      attributes: {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "refund",
        "gcp.vertex.agent.tool_call_args": '{"n":1}',
        "gcp.vertex.agent.tool_response": '{"error":"no such invoice"}',
      },
    })
    const merged = span({
      id: "x",
      parent: "m",
      scope,
      resource,
      name: "execute_tool (merged)",
      from: 41,
      attributes: { "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "(merged tools)" },
    })
    const agent = span({
      id: "agent",
      parent: "root",
      scope,
      resource,
      name: "invoke_agent triage",
      to: 60,
      attributes: { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "triage" },
    })
    const run = onlyRun(
      replay([
        [0, [tool, merged, call, agent, span({ id: "root", scope, resource, name: "invocation", to: 61 })]],
      ]),
    )
    expect(run.shape).toEqual(["model", "tool refund!"])
    expect(run.start).toMatchObject({
      agent_id: "otel/unknown_service",
      agent_name: "triage",
      intent: "Refund",
    })
    expect(run.turns[0]).toMatchObject({
      prompt: "Help.\n\nRefund",
      usage: { input_tokens: 9, output_tokens: 3, cached_input_tokens: 4 },
      duration_ms: 19,
    })
    expect(run.turns[1]?.error).toEqual({ message: "no such invoice" })
  })

  test("text that a streamed answer lacks is taken from the next call's history", () => {
    const call = (id: string, from: number, contents: object[], parts: object[]) =>
      span({
        id,
        parent: "agent",
        scope,
        name: "call_llm",
        from,
        to: from + 5,
        attributes: {
          "gcp.vertex.agent.llm_request": json({ contents }),
          "gcp.vertex.agent.llm_response": json({ content: { role: "model", parts } }),
        },
      })
    const user = { role: "user", parts: [{ text: "Weather?" }] }
    const use = { functionCall: { name: "weather", args: {} } }
    const first = call("m1", 1, [user], [use])
    const second = call(
      "m2",
      20,
      [
        user,
        { role: "model", parts: [{ text: "I look." }, use] },
        { role: "user", parts: [{ functionResponse: { name: "weather", response: { c: 1 } } }] },
      ],
      [{ text: "Cold." }],
    )
    const agent = span({
      id: "agent",
      scope,
      name: "invoke_agent a",
      to: 60,
      attributes: { "gen_ai.operation.name": "invoke_agent" },
    })
    const run = onlyRun(replay([[0, [first, second, agent]]]))
    expect(run.turns.map((turn) => turn.message ?? turn.tool)).toEqual(["I look.", "weather", "Cold."])
  })
})

describe("OpenLLMetry", () => {
  test("workflows around the agent are no path, arguments lose their envelope, a failed tool is rebuilt", () => {
    const entity = (
      id: string,
      kind: string,
      name: string,
      parent: string | undefined,
      from: number,
      more: object = {},
    ) =>
      span({
        id,
        name: `${name}.${kind}`,
        from,
        to: from + 20,
        ...(parent !== undefined && { parent }),
        attributes: { "traceloop.span.kind": kind, "traceloop.entity.name": name, ...more },
      })
    const chat = (id: string, from: number, input: object[], parts: object[]) =>
      span({
        id,
        parent: "agent",
        from,
        attributes: {
          "gen_ai.operation.name": "chat",
          "gen_ai.input.messages": json(input),
          "gen_ai.output.messages": json([{ role: "assistant", parts }]),
          "gen_ai.conversation.id": "conv",
        },
      })
    const user = { role: "user", parts: [{ type: "text", content: "Trains?" }] }
    const uses = [
      { type: "tool_call", id: "c1", name: "weather", arguments: { city: "A" } },
      { type: "tool_call", id: "c2", name: "trains", arguments: { to: "B" } },
    ]
    const run = onlyRun(
      replay([
        [
          0,
          [
            chat("m1", 1, [user], uses),
            entity("t1", "tool", "weather", "agent", 12, {
              "traceloop.entity.input": json({ args: [], kwargs: { city: "A" } }),
              "traceloop.entity.output": '{"c":1}',
            }),
            chat(
              "m2",
              40,
              [
                user,
                { role: "assistant", parts: uses },
                {
                  role: "tool",
                  parts: [
                    { type: "tool_call_response", id: "c1", response: '{"c":1}' },
                    { type: "tool_call_response", id: "c2", response: "Error: 503" },
                  ],
                },
              ],
              [{ type: "text", content: "Sorry." }],
            ),
            entity("agent", "agent", "planner", "flow", 0, {
              "traceloop.entity.input": json({ args: ["Trains?"], kwargs: {} }),
            }),
            entity("flow", "workflow", "trip", undefined, 0),
          ],
        ],
      ]),
    )
    expect(run.shape).toEqual(["model", "tool weather", "tool trains!", "model"])
    expect(run.turns[1]).toMatchObject({ parameters: { city: "A" }, output: { c: 1 }, call_id: "c1" })
    expect(run.turns.every((turn) => turn.path === undefined)).toBe(true)
    expect(run.start).toMatchObject({ agent_name: "planner", labels: { session: "conv" } })
  })
})

describe("Langfuse", () => {
  test("usage leaves cached tokens out and a level of ERROR is an error whatever the status", () => {
    const observation = (id: string, type: string, more: object, parent?: string) =>
      span({
        id,
        name: id,
        ...(parent !== undefined && { parent }),
        to: 9,
        attributes: { "langfuse.observation.type": type, "session.id": "s", ...more },
      })
    const good = observation(
      "m1",
      "generation",
      {
        "langfuse.observation.input": json({ messages: [{ role: "user", content: "Hi" }] }),
        "langfuse.observation.output": json({ role: "assistant", content: "Hello" }),
        "langfuse.observation.usage_details": json({
          input: 140,
          output: 57,
          total: 325,
          input_cached_tokens: 128,
        }),
        "langfuse.observation.model.name": "m",
      },
      "agent",
    )
    const bad = {
      ...observation(
        "m2",
        "generation",
        { "langfuse.observation.level": "ERROR", "langfuse.observation.status_message": "too long" },
        "agent",
      ),
      start: good.start + 1n,
    }
    const run = onlyRun(
      replay([[0, [good, bad, observation("agent", "agent", { "langfuse.observation.input": "Hi" })]]]),
    )
    expect(run.shape).toEqual(["model", "model!"])
    expect(run.turns[0]).toMatchObject({
      message: "Hello",
      usage: { input_tokens: 268, output_tokens: 57, cached_input_tokens: 128 },
    })
    expect(run.ends).toMatchObject([{ status: "failure", summary: "too long" }])
  })
})

describe("LangSmith over OpenTelemetry", () => {
  test("an exception counts although the status says OK", () => {
    const common = { "langsmith.trace.session_name": "trips", "langsmith.metadata.thread_id": "th" }
    const tool = span({
      id: "t",
      parent: "root",
      name: "trains",
      from: 1,
      status: 1,
      attributes: {
        ...common,
        "langsmith.span.kind": "tool",
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "trains",
        "gen_ai.prompt": '{"to":"B"}',
      },
      events: [{ name: "exception", attributes: { "exception.message": "503" } }],
    })
    const root = span({
      id: "root",
      name: "agent",
      status: 1,
      to: 20,
      attributes: {
        ...common,
        "langsmith.span.kind": "chain",
        "langsmith.is_root": true,
        "gen_ai.prompt": '{"input":"Trains?"}',
        "gen_ai.completion": '{"outputs":"None."}',
      },
    })
    const run = onlyRun(replay([[0, [tool, root]]]))
    expect(run.shape).toEqual(["tool trains!", "model"])
    expect(run.start).toMatchObject({ intent: "Trains?", labels: { session: "th" } })
    expect(run.ends).toMatchObject([{ status: "success", summary: "None." }])
  })
})
