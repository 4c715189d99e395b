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

  test("a streaming span's turn ends where its tools begin, and the root's totals aren't counted", () => {
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

  test("a tool that arrives before its call is held, and follows the call if that arrives in time", () => {
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

  test("Anthropic's counts in version 5, which exclude cached tokens, are corrected", () => {
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
