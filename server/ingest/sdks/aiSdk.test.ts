import { OpenTelemetry } from "@ai-sdk/otel"
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto"
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace"
import { generateText, stepCountIs, tool } from "ai"
import { MockLanguageModelV4 } from "ai/test"
import { expect, test } from "vitest"
import { z } from "zod"
import type { RunRecord } from "@/lib/protocol/run"
import { startIngest } from "@/server/ingest/testing/ingestServer"

const usage = {
  inputTokens: { total: 12, noCache: 8, cacheRead: 4, cacheWrite: undefined },
  outputTokens: { total: 5, text: 5, reasoning: undefined },
}
const finish = (unified: "stop" | "tool-calls") => ({ unified, raw: unified })
const call = (id: string, city: string) => ({
  type: "tool-call" as const,
  toolCallId: id,
  toolName: "weather",
  input: JSON.stringify({ city }),
})
const ANSWERS = [
  { content: [call("c1", "Porto"), call("c2", "Atlantis")], finishReason: finish("tool-calls") },
  { content: [{ type: "text" as const, text: "13 degrees." }], finishReason: finish("stop") },
]

test("the AI SDK with OpenTelemetry's protobuf exporter", async () => {
  const server = await startIngest()
  const { url, agent, viewer, endedRuns } = server
  const exporter = new OTLPTraceExporter({
    url: `${url}/v1/traces`,
    headers: { Authorization: `Bearer ${agent}` },
  })
  const provider = new TracerProvider({ spanProcessors: [new BatchSpanProcessor({ exporter })] })
  const telemetry = new OpenTelemetry({ tracer: provider.getTracer("gen_ai") })
  let asked = 0
  const model = new MockLanguageModelV4({
    modelId: "scripted",
    doGenerate: async () => {
      const answer = ANSWERS[asked++]
      if (answer === undefined) throw new Error("no more answers")
      return { ...answer, usage, warnings: [] }
    },
  })
  const weather = tool({
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      if (city === "Atlantis") throw new Error("no such city")
      return { celsius: 13 }
    },
  })
  await generateText({
    model,
    instructions: "Be brief.",
    prompt: "How warm is it in Porto?",
    tools: { weather },
    stopWhen: stepCountIs(3),
    telemetry: { functionId: "forecaster", integrations: [telemetry] },
  })
  await provider.shutdown()

  const [run] = await endedRuns(1)
  expect(run).toMatchObject({
    agent_name: "forecaster",
    intent: "How warm is it in Porto?",
    totals: { model_turns: 2, errors: 1, input_tokens: 24, cached_input_tokens: 8, output_tokens: 10 },
    termination: { outcome: { status: "success", summary: "13 degrees." } },
  })
  const page = await server.connect(viewer)
  const trace = await page.emitWithAck("runs.get_trace", { run_id: run?.run_id ?? "" })
  const turns = trace.ok ? trace.records.filter(({ record }: RunRecord) => record === "turn") : []
  expect(turns).toMatchObject([
    { kind: "model", prompt: "Be brief.\n\nHow warm is it in Porto?" },
    { kind: "tool", tool: "weather", call_id: "c1", parameters: { city: "Porto" }, output: { celsius: 13 } },
    { kind: "tool", tool: "weather", call_id: "c2", error: { message: "no such city" } },
    { kind: "model", message: "13 degrees." },
  ])
})
