import { createRequire } from "node:module"
import { expect, test } from "vitest"
import { z } from "zod"
import type { RunRecord } from "@/lib/protocol/run"
import { startIngest } from "@/server/ingest/testing/ingestServer"

/** The part of the OpenAI Agents SDK that the test uses. The SDK isn't a dependency, because it takes 59 MB. */
type AgentsCore = {
  Agent: new (options: object) => object
  Runner: new (options: object) => { run(agent: object, input: string): Promise<{ finalOutput?: string }> }
  Usage: new (usage: object) => object
  BatchTraceProcessor: new (exporter: object) => { forceFlush(): Promise<void>; shutdown(): Promise<void> }
  setTraceProcessors(processors: object[]): void
  setTracingDisabled(isDisabled: boolean): void
  tool(options: object): object
}
type AgentsOpenAI = { OpenAITracingExporter: new (options: object) => object }

const CORE = "@openai/agents-core"
const EXPORTER = "@openai/agents-openai"
const NOT_INSTALLED = `the SDK takes 59 MB. To run this test: npm install --no-save ${CORE}@0.20.0 ${EXPORTER}@0.20.0`

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name)
    return true
  } catch {
    return false
  }
}

const ANSWERS = [
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

test("the OpenAI Agents SDK with its own exporter", async ({ skip }) => {
  skip(!isInstalled(EXPORTER), NOT_INSTALLED)
  const { Agent, Runner, Usage, BatchTraceProcessor, tool, ...tracing } = (await import(CORE)) as AgentsCore
  const { OpenAITracingExporter } = (await import(EXPORTER)) as AgentsOpenAI
  const server = await startIngest()
  const exporter = new OpenAITracingExporter({
    endpoint: `${server.url}/v1/traces/ingest`,
    apiKey: server.agent,
  })
  const processor = new BatchTraceProcessor(exporter)
  tracing.setTraceProcessors([processor])
  // The SDK turns tracing off if NODE_ENV is "test".
  tracing.setTracingDisabled(false)

  let asked = 0
  const model = {
    getResponse: async () => ({
      output: ANSWERS[asked++] ?? [],
      responseId: `resp-${asked}`,
      usage: new Usage({ requests: 1, inputTokens: 12, outputTokens: 5, totalTokens: 17 }),
    }),
  }
  const weather = tool({
    name: "weather",
    description: "How warm it is",
    parameters: z.object({ city: z.string() }),
    execute: async ({ city }: { city: string }) => `13 in ${city}`,
  })
  const agent = new Agent({ name: "forecaster", instructions: "Be brief.", model, tools: [weather] })
  const runner = new Runner({ workflowName: "Forecast", groupId: "g-1" })
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
