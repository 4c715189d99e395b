import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"

const json = JSON.stringify

describe("Mastra", () => {
  test("a step's messages and its call's usage form one turn, and the generation that sums them up isn't counted", () => {
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
    const late = onlyRun(
      replay([
        [0, [generation]],
        [5_000, [tool, step, chat, agent]],
      ]),
    )
    expect(late.shape).toEqual(["model", "tool find"])
    expect(onlyRun(replay([[0, [generation, agent]]])).shape).toEqual(["model"])
  })
})
