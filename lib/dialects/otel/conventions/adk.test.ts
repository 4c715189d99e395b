import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"

const json = JSON.stringify

describe("Google ADK", () => {
  const scope = "gcp.vertex.agent"
  const resource = {}
  test("calls are read from Gemini's JSON, merged results yield no tool turn, and an error in a result is recorded", () => {
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

  test("text missing from a streamed answer is filled in from the next call's history", () => {
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
