import { describe, expect, test } from "vitest"
import { DEFAULT_TRACE_SETTINGS } from "@/lib/dialects/TraceSettings"
import { collectRuns, onlyRun } from "@/lib/dialects/testing/buildSpan"
import { replayBatches } from "@/lib/dialects/testing/replayBatches"
import type { Json } from "@/lib/protocol/fields"
import type { LangSmithRun } from "./LangSmithRun"
import { createLangSmithDialect } from "./langSmithDialect"

type Fields = { [name: string]: Json }

const time = (ms: number) => new Date(1_767_225_600_000 + ms).toISOString()
const ids = { root: "r", model: "m", tool: "t", graph: "g" }

function post(id: string, run_type: string, name: string, from: number, more: Fields = {}): LangSmithRun {
  return {
    operation: "post",
    id,
    run_type,
    name,
    start_time: time(from),
    trace_id: "r",
    session_name: "trips",
    ...(id === "r" ? {} : { parent_run_id: "r" }),
    ...more,
  }
}

function patch(id: string, to: number, more: Fields = {}): LangSmithRun {
  return { operation: "patch", id, end_time: 1_767_225_600_000 + to, trace_id: "r", ...more }
}

function replay(requests: readonly (readonly [at: number, runs: LangSmithRun[]])[]) {
  const operations = replayBatches(
    createLangSmithDialect(DEFAULT_TRACE_SETTINGS),
    requests.map(([at, runs]) => [at, { runs, bytes: 100 }]),
  )
  return { runs: collectRuns(operations), operations }
}

const root = post(ids.root, "chain", "trip-agent", 0, {
  inputs: { input: "Weather?" },
  extra: { metadata: { thread_id: "th-1" } },
})
const model = post(ids.model, "llm", "ChatOpenAI", 1, {
  inputs: { messages: [{ role: "user", content: "Weather?" }] },
})
const modelEnd = patch(ids.model, 50, {
  outputs: {
    choices: [
      {
        message: {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", function: { name: "weather", arguments: '{"city":"Porto"}' } }],
        },
        finish_reason: "tool_calls",
      },
    ],
  },
  extra: {
    metadata: {
      usage_metadata: { input_tokens: 20, output_tokens: 3, input_token_details: { cache_read: 5 } },
    },
  },
})
const tool = post(ids.tool, "tool", "weather", 60, { inputs: { city: "Porto" } })
const toolEnd = patch(ids.tool, 90, { outputs: { celsius: 13 } })
const rootEnd = patch(ids.root, 100, { outputs: { outputs: "13 degrees." } })

describe("LangSmith", () => {
  test("a posted run becomes progress, and its patch the turn", () => {
    const { operations } = replay([
      [300, [root, model]],
      [600, [modelEnd, tool]],
      [900, [toolEnd, rootEnd]],
    ])
    expect(operations.map(({ op, at }) => `${at} ${op}`)).toEqual([
      "300 start",
      "300 progress",
      "600 turn",
      "600 progress",
      "900 turn",
      "900 progress",
      "6900 end",
    ])
    const run = onlyRun(collectRuns(operations))
    expect(run.start).toMatchObject({
      agent_id: "langsmith/trips",
      agent_name: "trip-agent",
      intent: "Weather?",
      labels: { session: "th-1", trace_id: "r" },
    })
    expect(run.turns).toMatchObject([
      {
        kind: "model",
        prompt: "Weather?",
        usage: { input_tokens: 20, output_tokens: 3, cached_input_tokens: 5 },
        duration_ms: 49,
      },
      {
        kind: "tool",
        tool: "weather",
        parameters: { city: "Porto" },
        output: { celsius: 13 },
        call_id: "c1",
        duration_ms: 30,
      },
    ])
    expect(run.ends).toMatchObject([{ status: "success", summary: "13 degrees." }])
  })

  test("early patches, duplicates, and a single request yield the same turns", () => {
    const all = [root, model, modelEnd, tool, toolEnd, rootEnd]
    for (const requests of [
      [[0, all]],
      [
        [0, all],
        [100, all],
      ],
      [
        [0, all],
        [50_000, all],
      ],
      [
        [0, [root, modelEnd]],
        [200, [model, toolEnd]],
        [400, [tool, rootEnd]],
      ],
    ] as const)
      expect(onlyRun(replay(requests.map(([at, runs]) => [at, [...runs]] as const)).runs).shape).toEqual([
        "model",
        "tool weather",
      ])
  })

  test("a run that begins and ends within one batch is sent as a single post", () => {
    const whole = { ...model, ...modelEnd, operation: "post" as const }
    expect(onlyRun(replay([[0, [root, whole, rootEnd]]]).runs).shape).toEqual(["model"])
  })

  test("a nested graph inside a tool is a turn of kind agent; internal steps are omitted from paths", () => {
    const metadata = { metadata: { langgraph_node: "tools" } }
    const graph = post(ids.graph, "chain", "researcher", 61, {
      parent_run_id: "t",
      inputs: { messages: [{ role: "user", content: "Find" }] },
      extra: metadata,
    })
    const plumbing = post("p", "chain", "RunnableSequence", 62, {
      parent_run_id: "g",
      end_time: time(80),
      tags: ["langsmith:hidden"],
    })
    const inner = post("m2", "llm", "Chat", 63, {
      parent_run_id: "p",
      inputs: { messages: [{ role: "user", content: "Find" }] },
      outputs: { choices: [{ message: { role: "assistant", content: "Found" } }] },
      end_time: time(70),
    })
    const { runs } = replay([
      [0, [root, model, modelEnd, tool, graph, plumbing, inner, patch(ids.graph, 85), toolEnd, rootEnd]],
    ])
    expect(onlyRun(runs).shape).toEqual(["model", "tool weather", "agent researcher", "model"])
    expect(onlyRun(runs).turns[3]?.path).toEqual(["researcher"])
  })

  test("an error's first line is the message, the rest its stack, and a failed root fails the run", () => {
    const error = "Error: too long\n\n    at call (a.js:1)"
    const { runs } = replay([
      [0, [root, model, patch(ids.model, 20, { error }), patch(ids.root, 30, { error })]],
    ])
    expect(onlyRun(runs).turns[0]?.error).toEqual({ message: "Error: too long", stack: "at call (a.js:1)" })
    expect(onlyRun(runs).ends).toMatchObject([{ status: "failure", summary: "Error: too long" }])
  })

  test("a run that is never patched is incomplete after a period of silence", () => {
    expect(onlyRun(replay([[0, [root, model]]]).runs).ends).toMatchObject([
      { status: "incomplete", at: 600_000 },
    ])
  })

  test("a failed root ends the run, although a cancelled step never ends", () => {
    const cancelled = post(ids.tool, "tool", "slow", 10)
    const { runs } = replay([[0, [root, cancelled, patch(ids.root, 30, { error: "KeyboardInterrupt()" })]]])
    expect(onlyRun(runs).ends).toMatchObject([
      { status: "failure", summary: "KeyboardInterrupt()", at: 6_000 },
    ])
  })

  test("a tool that returns a message with the status error has failed", () => {
    const id = ["langchain", "schema", "messages", "ToolMessage"]
    const kwargs = { content: "No such city", status: "error", tool_call_id: "c9" }
    const end = patch(ids.tool, 20, { outputs: { output: { lc: 1, type: "constructor", id, kwargs } } })
    const { runs } = replay([[0, [root, post(ids.tool, "tool", "weather", 10), end, patch(ids.root, 30)]]])
    expect(onlyRun(runs).turns).toMatchObject([
      { tool: "weather", call_id: "c9", error: { message: "No such city" } },
    ])
  })

  test("a call of a text completion model has its prompts, model and tokens", () => {
    const llm_output = { token_usage: { prompt_tokens: 3, completion_tokens: 1 }, model_name: "davinci" }
    const outputs = { generations: [[{ text: "hi" }]], llm_output }
    const { runs } = replay([
      [0, [post("r", "llm", "OpenAI", 0, { inputs: { prompts: ["Say hi"] } }), patch("r", 10, { outputs })]],
    ])
    expect(onlyRun(runs).turns).toMatchObject([
      ...[
        { prompt: "Say hi", message: "hi", model: "davinci", usage: { input_tokens: 3, output_tokens: 1 } },
      ],
    ])
  })

  test("an answer may be a single message, and a refusal is an answer", () => {
    const answerOf = (outputs: Fields) => {
      const ask = post("r", "llm", "chat", 0, { inputs: { messages: [{ role: "user", content: "Hi" }] } })
      return onlyRun(replay([[0, [ask, patch("r", 10, { outputs })]]]).runs).turns[0]?.message
    }
    const usage_metadata = { input_tokens: 3, output_tokens: 1 }
    expect(answerOf({ message: { role: "assistant", content: "Yo" }, usage_metadata })).toBe("Yo")
    const refusal = { role: "assistant", content: null, refusal: "I can't" }
    expect(answerOf({ choices: [{ message: refusal, finish_reason: "stop" }] })).toBe("I can't")
  })
})
