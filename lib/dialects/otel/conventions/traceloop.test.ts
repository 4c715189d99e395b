import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"

const json = JSON.stringify

describe("OpenLLMetry", () => {
  test("enclosing workflows aren't in paths, arguments are unwrapped, and failed tools are read from the history", () => {
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
