import { describe, expect, test } from "vitest"
import { DEFAULT_TRACE_SETTINGS } from "@/lib/dialects/TraceSettings"
import { collectRuns, onlyRun } from "@/lib/dialects/testing/buildSpan"
import { replayBatches } from "@/lib/dialects/testing/replayBatches"
import type { Json } from "@/lib/protocol/fields"
import { createOpenAIAgentsDialect } from "./openaiAgentsDialect"

type Fields = { [name: string]: Json }

const time = (ms: number) => new Date(1_767_225_600_000 + ms).toISOString()

function item(
  id: string,
  parent: string | null,
  from: number,
  to: number,
  span_data: Fields,
  error: Json = null,
): Json {
  return {
    object: "trace.span",
    id,
    trace_id: "trace_1",
    parent_id: parent,
    started_at: time(from),
    ended_at: time(to),
    span_data,
    error,
  }
}

function replay(requests: readonly (readonly [at: number, items: Json[]])[]) {
  const dialect = createOpenAIAgentsDialect(DEFAULT_TRACE_SETTINGS)
  return collectRuns(
    replayBatches(
      dialect,
      requests.map(([at, items]) => [at, { items, bytes: 100 }]),
    ),
  )
}

const trace: Json = {
  object: "trace",
  id: "trace_1",
  workflow_name: "Support ticket",
  group_id: "conv-1",
  metadata: {},
}
const usage = (input: number, output: number) => ({
  input_tokens: input,
  output_tokens: output,
  cached_input_tokens: 0,
})
const turn = (id: string, parent: string, from: number, to: number, tokens: Fields) =>
  item(id, parent, from, to, { type: "custom", name: "turn", data: { sdk_span_type: "turn", usage: tokens } })
const task = (id: string, parent: string | null, from: number, to: number, tokens: Fields) =>
  item(id, parent, from, to, { type: "custom", name: "task", data: { sdk_span_type: "task", usage: tokens } })
const response = (id: string, parent: string, from: number, to: number) =>
  item(id, parent, from, to, { type: "response", response_id: `resp-${id}` })

describe("OpenAI Agents' exporter", () => {
  const items = [
    trace,
    response("r1", "t1", 1, 20),
    item("h", "t1", 21, 22, { type: "handoff", from_agent: "Triage", to_agent: "Billing" }),
    turn("t1", "a1", 0, 23, usage(14, 2)),
    item("a1", "task", 0, 23, { type: "agent", name: "Triage" }),
    response("r2", "t2", 30, 50),
    item("f", "t2", 51, 60, { type: "function", name: "refund", input: '{"n":1}', output: '{"ok":true}' }),
    item(
      "f2",
      "t2",
      52,
      61,
      { type: "function", name: "notify", input: "{}", output: "An error occurred" },
      { message: "Error running tool", data: { error: "550" } },
    ),
    turn("t2", "a2", 29, 62, usage(30, 5)),
    item("a2", "task", 29, 62, { type: "agent", name: "Billing" }),
    task("task", null, 0, 63, usage(44, 7)),
  ]

  test("responses get the enclosing turn's usage, hand-offs are turns of kind agent, and inner agents form the path", () => {
    const run = onlyRun(replay([[0, items]]))
    expect(run.start).toMatchObject({
      agent_id: "openai-agents/Support-ticket",
      intent: "Support ticket",
      labels: { session: "conv-1", content: "not sent" },
    })
    expect(run.shape).toEqual(["model", "agent handoff to Billing", "model", "tool refund", "tool notify!"])
    expect(run.turns[0]).toMatchObject({
      path: ["Triage"],
      usage: { input_tokens: 14 },
      response_id: "resp-r1",
    })
    expect(run.turns[2]).toMatchObject({ path: ["Billing"], usage: { input_tokens: 30, output_tokens: 5 } })
    expect(run.turns[4]?.error).toEqual({ message: "Error running tool: 550" })
    expect(run.ends).toMatchObject([{ status: "success" }])
  })

  test("a generation holds the whole response of Chat Completions; its calls are matched with the function spans that follow", () => {
    const ask = { role: "user", content: "Weather?" }
    const call = { id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } }
    const asked = { role: "assistant", content: null, tool_calls: [call] }
    const generation = (id: string, from: number, input: Json[], message: Json) =>
      item(id, "a1", from, from + 10, {
        ...{ type: "generation", model: "m", input, usage: usage(7, 3) },
        output: [{ id: `resp-${id}`, choices: [{ index: 0, message, finish_reason: "stop" }] }],
      })
    const chat = [
      trace,
      generation("g1", 1, [ask], asked),
      item("f", "a1", 20, 30, {
        ...{ type: "function", name: "weather", input: '{"city":"Oslo"}', output: "13 degrees" },
      }),
      generation("g2", 40, [ask, asked, { role: "tool", tool_call_id: "c1", content: "13 degrees" }], {
        role: "assistant",
        content: "Mild.",
      }),
      item("a1", null, 0, 60, { type: "agent", name: "Weather" }),
    ]
    const run = onlyRun(replay([[0, chat]]))
    expect(run.shape).toEqual(["model", "tool weather", "model"])
    expect(run.turns[0]).toMatchObject({ prompt: "Weather?", response_id: "resp-g1" })
    expect(run.turns[1]).toMatchObject({ call_id: "c1", output: "13 degrees" })
    expect(run.turns[2]).toMatchObject({ message: "Mild.", usage: { input_tokens: 7 } })
  })

  test("the usage of a sub-agent's task is subtracted from that of its turn", () => {
    const nested = [
      trace,
      response("r1", "t1", 1, 20),
      response("r2", "t2", 32, 40),
      turn("t2", "a2", 31, 41, usage(15, 3)),
      item("a2", "task2", 31, 41, { type: "agent", name: "Researcher" }),
      task("task2", "f", 31, 41, usage(15, 3)),
      item("f", "t1", 30, 42, { type: "function", name: "ask", input: "{}", output: "ok" }),
      turn("t1", "a1", 0, 43, usage(33, 8)),
      item("a1", "task", 0, 43, { type: "agent", name: "Lead" }),
      task("task", null, 0, 44, usage(33, 8)),
    ]
    const run = onlyRun(replay([[0, nested]]))
    expect(run.shape).toEqual(["model", "tool ask", "model"])
    expect(run.turns.map((found) => found.usage?.input_tokens)).toEqual([18, undefined, 15])
  })

  test("usage that arrives after its response is counted once, in a separate turn", () => {
    const run = onlyRun(
      replay([
        [0, items.slice(0, 2)],
        [5_000, items.slice(2)],
      ]),
    )
    expect(run.turns[0]).toMatchObject({ kind: "model", response_id: "resp-r1" })
    expect(run.turns[0]?.usage).toBeUndefined()
    expect(run.turns.filter((found) => found.kind === "system")).toMatchObject([
      { event: "usage", response_id: "resp-r1", usage: { input_tokens: 14, output_tokens: 2 } },
    ])
  })

  test("a generation of the Chat Completions API contains its messages", () => {
    const generation = item("g", "a1", 1, 9, {
      type: "generation",
      model: "m",
      input: [{ role: "user", content: "Hi" }],
      output: [{ role: "assistant", content: "Hello" }],
      usage: { input_tokens: 3, output_tokens: 1 },
    })
    const run = onlyRun(
      replay([[0, [trace, generation, item("a1", null, 0, 10, { type: "agent", name: "Greeter" })]]]),
    )
    expect(run.turns).toMatchObject([
      { prompt: "Hi", message: "Hello", model: "m", usage: { input_tokens: 3 } },
    ])
    expect(run.start.labels).not.toHaveProperty("content")
    expect(run.ends).toMatchObject([{ status: "success", summary: "Hello" }])
  })

  test("unknown items are skipped", () => {
    expect(replay([[0, [null, 1, "x", [], {}, { object: "trace.span" }, { object: "trace" }]]])).toEqual([])
  })
})
