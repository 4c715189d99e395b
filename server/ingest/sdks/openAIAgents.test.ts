import * as agents from "@openai/agents-core"
import { OpenAITracingExporter } from "@openai/agents-openai"
import { expect, test } from "vitest"
import { z } from "zod"
import type { RunRecord } from "@/lib/protocol/run"
import { startIngest } from "@/server/ingest/testing/ingestServer"

const ANSWERS: agents.AgentOutputItem[][] = [
  [
    {
      type: "function_call",
      callId: "c1",
      name: "weather",
      arguments: '{"city":"Porto"}',
      status: "completed",
    },
  ],
  [
    {
      type: "message",
      role: "assistant",
      status: "completed",
      content: [{ type: "output_text", text: "13 degrees." }],
    },
  ],
]

test("the OpenAI Agents SDK with its own exporter", async () => {
  const server = await startIngest()
  const exporter = new OpenAITracingExporter({
    endpoint: `${server.url}/v1/traces/ingest`,
    apiKey: server.agent,
  })
  const processor = new agents.BatchTraceProcessor(exporter)
  agents.setTraceProcessors([processor])
  // The SDK turns tracing off if NODE_ENV is "test".
  agents.setTracingDisabled(false)

  let asked = 0
  const model: agents.Model = {
    getResponse: async () => ({
      output: ANSWERS[asked++] ?? [],
      responseId: `resp-${asked}`,
      usage: new agents.Usage({ requests: 1, inputTokens: 12, outputTokens: 5, totalTokens: 17 }),
    }),
    getStreamedResponse: () => {
      throw new Error("This test doesn't stream.")
    },
  }
  const weather = agents.tool({
    name: "weather",
    description: "How warm it is",
    parameters: z.object({ city: z.string() }),
    execute: async ({ city }: { city: string }) => `13 in ${city}`,
  })
  const agent = new agents.Agent({ name: "forecaster", instructions: "Be brief.", model, tools: [weather] })
  const runner = new agents.Runner({ workflowName: "Forecast", groupId: "g-1" })
  expect((await runner.run(agent, "How warm is it in Porto?")).finalOutput).toBe("13 degrees.")
  await processor.forceFlush()
  await processor.shutdown()

  const [run] = await server.endedRuns(1)
  expect(run).toMatchObject({
    agent_id: "openai-agents/Forecast",
    labels: { session: "g-1" },
    totals: { errors: 0 },
    termination: { outcome: { status: "success" } },
  })
  const page = await server.connect(server.viewer)
  const trace = await page.emitWithAck("runs.get_trace", { run_id: run?.run_id ?? "" })
  const turns = trace.ok ? trace.records.filter(({ record }: RunRecord) => record === "turn") : []
  expect(turns).toMatchObject([
    { kind: "tool", tool: "weather", parameters: { city: "Porto" }, output: "13 in Porto" },
    // A custom model has no spans, so the tokens are those of the task span.
    { kind: "model", usage: { input_tokens: 24, output_tokens: 10 } },
  ])
})
