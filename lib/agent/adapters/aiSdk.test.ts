import { generateText, stepCountIs, streamText, tool } from "ai"
import { MockLanguageModelV4, simulateReadableStream } from "ai/test"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { z } from "zod"
import { type Agent, connectAgent } from "@/lib/agent/connectAgent"
import { FakeTurnline } from "@/lib/testing/FakeTurnline"
import { aiSdkTelemetry } from "./aiSdk"

let server: FakeTurnline
let agent: Agent

beforeEach(async () => {
  server = await new FakeTurnline().listen()
  agent = connectAgent({ url: server.url, reconnectDelayMs: 10 })
})
afterEach(async () => {
  await agent.close(1_000)
  await server.stop()
})

const usage = {
  inputTokens: { total: 12, noCache: 8, cacheRead: 4, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
}
const finish = (unified: "stop" | "tool-calls") => ({ unified, raw: unified })
const text = (words: string) => ({
  content: [{ type: "text" as const, text: words }],
  finishReason: finish("stop"),
  usage,
  warnings: [],
})
const call = (toolName: string, input: object) => ({
  content: [{ type: "tool-call" as const, toolCallId: "c1", toolName, input: JSON.stringify(input) }],
  finishReason: finish("tool-calls"),
  usage,
  warnings: [],
})
const model = (...replies: (ReturnType<typeof text> | ReturnType<typeof call> | Error)[]) => {
  let next = 0
  return new MockLanguageModelV4({
    doGenerate: async () => {
      const reply = replies[next++]
      if (reply === undefined || reply instanceof Error) throw reply ?? new Error("no more replies")
      return reply
    },
  })
}
const telemetry = () => ({ integrations: [aiSdkTelemetry(agent, { agentId: "bot" })] })
const weather = tool({
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => {
    if (city === "Atlantis") throw new Error("no such city")
    return { city, degrees: 21 }
  },
})

async function stored() {
  await agent.flush(5_000)
  await server.until(() => server.runs.size > 0 && server.run.status === "completed")
  return server.run
}

describe("aiSdkTelemetry", () => {
  test("records model and tool calls in order, and ends the run with the answer", async () => {
    await generateText({
      model: model(call("weather", { city: "Oslo" }), text("21 degrees")),
      instructions: "Be brief.",
      prompt: "How warm is it in Oslo?",
      tools: { weather },
      stopWhen: stepCountIs(3),
      telemetry: telemetry(),
    })
    const run = await stored()
    expect(run).toMatchObject({
      start: { intent: "How warm is it in Oslo?" },
      outcome: { status: "success", summary: "21 degrees" },
    })
    expect(run.turns).toMatchObject([
      {
        kind: "model",
        prompt: "Be brief.\n\nHow warm is it in Oslo?",
        usage: { inputTokens: 12, outputTokens: 5 },
        attributes: { finish_reason: "tool-calls", tool_calls: [{ id: "c1", name: "weather" }] },
      },
      { kind: "tool", tool: "weather", parameters: { city: "Oslo" }, output: { degrees: 21 }, call_id: "c1" },
      { kind: "model", message: "21 degrees" },
    ])
    expect(run.turns[2]).not.toHaveProperty("prompt")
  })

  test("records a failed tool as an error, and the model continues", async () => {
    await generateText({
      model: model(call("weather", { city: "Atlantis" }), text("I don't know")),
      prompt: "Atlantis?",
      tools: { weather },
      stopWhen: stepCountIs(3),
      telemetry: telemetry(),
    })
    const run = await stored()
    expect(run.turns[1]).toMatchObject({ tool: "weather", error: { message: "no such city" } })
    expect(run.outcome).toMatchObject({ status: "success" })
  })

  test("records a failed model call, and ends the run as failed", async () => {
    const failing = generateText({
      model: model(new Error("overloaded")),
      prompt: "Hello",
      maxRetries: 0,
      telemetry: telemetry(),
    })
    await expect(failing).rejects.toThrow("overloaded")
    const run = await stored()
    expect(run.outcome).toMatchObject({ status: "failure", summary: expect.stringContaining("overloaded") })
    expect(run.turns).toMatchObject([
      { kind: "model", error: { message: expect.stringContaining("overloaded") } },
    ])
  })

  test("records a streamed answer", async () => {
    const streaming = new MockLanguageModelV4({
      doStream: async () => ({
        stream: simulateReadableStream({
          chunks: [
            { type: "stream-start", warnings: [] },
            { type: "text-start", id: "1" },
            { type: "text-delta", id: "1", delta: "Hello " },
            { type: "text-delta", id: "1", delta: "there" },
            { type: "text-end", id: "1" },
            { type: "finish", finishReason: finish("stop"), usage },
          ],
        }),
      }),
    })
    const result = streamText({ model: streaming, prompt: "Hi", telemetry: telemetry() })
    await result.consumeStream()
    const run = await stored()
    expect(run.turns).toMatchObject([{ kind: "model", prompt: "Hi", message: "Hello there" }])
  })

  test("adds turns to an existing run without ending it", async () => {
    const run = agent.startRun({ intent: "mine" })
    const integration = aiSdkTelemetry(run)
    for (const prompt of ["one", "two"])
      await generateText({ model: model(text(prompt)), prompt, telemetry: { integrations: [integration] } })
    await run.flush(5_000)
    expect(server.run.turns).toMatchObject([{ message: "one" }, { message: "two" }])
    expect(run.ended).toBe(false)
  })
})
