import { describe, expect, test } from "vitest"
import { onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"

const json = JSON.stringify

describe("Langfuse", () => {
  test("usage excludes cached tokens, and level ERROR is an error whatever the status", () => {
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
