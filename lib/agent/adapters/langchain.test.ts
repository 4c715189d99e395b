import { AIMessage, type BaseMessage, HumanMessage, SystemMessage } from "@langchain/core/messages"
import { ChatPromptTemplate } from "@langchain/core/prompts"
import { RunnableLambda } from "@langchain/core/runnables"
import { tool } from "@langchain/core/tools"
import { FakeListChatModel, FakeStreamingChatModel } from "@langchain/core/utils/testing"
import { afterEach, beforeEach, describe, expect, test } from "vitest"
import { z } from "zod"
import { type Agent, connectAgent } from "@/lib/agent/connectAgent"
import { FakeTurnline } from "@/lib/testing/FakeTurnline"
import { langChainHandler } from "./langchain"

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

const callbacks = () => [langChainHandler(agent, { agentId: "bot" })]

async function stored() {
  await server.until(() => server.runs.size > 0 && server.run.status === "completed")
  return server.run
}

const search = tool(
  async ({ query }: { query: string }) => {
    if (query === "broken") throw new Error("index is down")
    return `3 results for ${query}`
  },
  { name: "search", description: "Searches", schema: z.object({ query: z.string() }) },
)

describe("langChainHandler", () => {
  test("records a chain's model call, with the prompt and the answer", async () => {
    const prompt = ChatPromptTemplate.fromMessages([
      ["system", "Be brief."],
      ["human", "{input}"],
    ])
    const chain = prompt.pipe(new FakeListChatModel({ responses: ["Four."] }))
    await chain.invoke({ input: "2 + 2?" }, { callbacks: callbacks() })
    const run = await stored()
    expect(run).toMatchObject({
      start: { intent: "2 + 2?" },
      outcome: { status: "success", summary: "Four." },
    })
    expect(run.turns).toMatchObject([{ kind: "model", prompt: "Be brief.\n\n2 + 2?", message: "Four." }])
  })

  test("records a tool call with its result, and the enclosing steps as its path", async () => {
    const node = RunnableLambda.from(async (query: string, config) =>
      search.invoke({ query }, config),
    ).withConfig({
      runName: "research",
    })
    const graph = RunnableLambda.from(async (query: string, config) => node.invoke(query, config)).withConfig(
      {
        runName: "graph",
      },
    )
    await graph.invoke("cats", { callbacks: callbacks() })
    const run = await stored()
    expect(run.turns).toMatchObject([
      {
        kind: "tool",
        tool: "search",
        parameters: { query: "cats" },
        output: "3 results for cats",
        path: ["research"],
      },
    ])
  })

  test("records a failed tool, and ends the run as failed", async () => {
    const chain = RunnableLambda.from(async (query: string, config) => search.invoke({ query }, config))
    await expect(chain.invoke("broken", { callbacks: callbacks() })).rejects.toThrow("index is down")
    const run = await stored()
    expect(run.turns).toMatchObject([{ tool: "search", error: { message: "index is down" } }])
    expect(run.outcome).toMatchObject({ status: "failure", summary: "index is down" })
  })

  test("records a bare model call as its own run, with and without streaming", async () => {
    const streaming = new FakeStreamingChatModel({ responses: [new AIMessage("Hello there")] })
    const stream = await streaming.stream([new HumanMessage("Hi")], { callbacks: callbacks() })
    for await (const _ of stream);
    const run = await stored()
    expect(run).toMatchObject({ start: { intent: "Hi" }, outcome: { status: "success" } })
    expect(run.turns).toMatchObject([{ kind: "model", prompt: "Hi", message: "Hello there" }])
  })

  test("repeats neither instructions nor history in later calls", async () => {
    const messages: BaseMessage[] = [
      new SystemMessage("Be brief."),
      new HumanMessage("one"),
      new AIMessage("1"),
      new HumanMessage("two"),
    ]
    await new FakeListChatModel({ responses: ["2"] }).invoke(messages, { callbacks: callbacks() })
    expect((await stored()).turns).toMatchObject([{ prompt: "two", message: "2" }])
  })

  test("adds turns to an existing run without ending it", async () => {
    const run = agent.startRun({ intent: "mine" })
    const handler = langChainHandler(run)
    await new FakeListChatModel({ responses: ["a"] }).invoke("one", { callbacks: [handler] })
    await new FakeListChatModel({ responses: ["b"] }).invoke("two", { callbacks: [handler] })
    await server.until(() => server.runs.size > 0 && server.run.turns.length === 2)
    expect(run.ended).toBe(false)
  })
})
