import { AIMessage, type BaseMessage, HumanMessage } from "@langchain/core/messages"
import { RunnableLambda } from "@langchain/core/runnables"
import { tool } from "@langchain/core/tools"
import { FakeListChatModel } from "@langchain/core/utils/testing"
import { afterEach, expect, test, vi } from "vitest"
import { z } from "zod"
import type { RunRecord, RunSummary } from "@/lib/protocol/run"
import { startIngest } from "@/server/ingest/testing/ingestServer"

afterEach(() => {
  vi.unstubAllEnvs()
})

test("LangChain with LangSmith's own variables", async () => {
  const server = await startIngest()
  const { url, agent, viewer, endedRuns } = server
  vi.stubEnv("LANGSMITH_TRACING", "true")
  vi.stubEnv("LANGSMITH_ENDPOINT", url)
  vi.stubEnv("LANGSMITH_API_KEY", agent)
  vi.stubEnv("LANGSMITH_PROJECT", "shop")
  const page = await server.connect(viewer)
  const activity = async () => {
    const list = await page.emitWithAck("runs.list", {})
    return list.ok ? list.runs.map((run: RunSummary) => run.activity?.tool) : []
  }
  const search = tool(
    async ({ query }: { query: string }) => {
      // Progress is reported while the tool runs.
      await expect.poll(activity).toEqual(["search"])
      return `3 results for ${query}`
    },
    { name: "search", description: "Searches", schema: z.object({ query: z.string() }) },
  )
  const model = new FakeListChatModel({ responses: ["I search.", "Three."] })
  const researcher = RunnableLambda.from(async (question: string, config) => {
    const messages: BaseMessage[] = [new HumanMessage(question)]
    messages.push(await model.invoke(messages, config))
    messages.push(new AIMessage(await search.invoke({ query: "trams" }, config)))
    return (await model.invoke(messages, config)).content
  }).withConfig({ runName: "researcher", metadata: { thread_id: "t-1" } })
  await researcher.invoke("How many trams?")

  const [run] = await endedRuns(1)
  expect(run).toMatchObject({
    agent_id: "langsmith/shop",
    intent: "How many trams?",
    labels: { session: "t-1" },
    totals: { model_turns: 2, errors: 0 },
    termination: { outcome: { status: "success", summary: "Three." } },
  })
  const trace = await page.emitWithAck("runs.get_trace", { run_id: run?.run_id ?? "" })
  const turns = trace.ok ? trace.records.filter(({ record }: RunRecord) => record === "turn") : []
  expect(turns).toMatchObject([
    { kind: "model", prompt: "How many trams?", message: "I search." },
    { kind: "tool", tool: "search", parameters: { query: "trams" }, output: "3 results for trams" },
    { kind: "model", message: "Three." },
  ])
})
