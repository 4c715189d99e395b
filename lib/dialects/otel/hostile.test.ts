import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { createLangSmithDialect } from "@/lib/dialects/langsmith/langSmithDialect"
import { createOpenAIAgentsDialect } from "@/lib/dialects/openaiAgents/openaiAgentsDialect"
import { DEFAULT_TRACE_SETTINGS } from "@/lib/dialects/TraceSettings"
import { log, span } from "@/lib/dialects/testing/buildSpan"
import type { Json } from "@/lib/protocol/fields"
import type { OtelRecord } from "./OtelRecord"
import { createOtelDialect } from "./otelDialect"

const NAMES = [
  "ai.operationId",
  "ai.prompt",
  "ai.prompt.messages",
  "ai.response.toolCalls",
  "ai.toolCall.args",
  "ai.toolCall.result",
  "event.name",
  "gcp.vertex.agent.llm_request",
  "gcp.vertex.agent.llm_response",
  "gen_ai.agent.name",
  "gen_ai.completion",
  "gen_ai.completion.0.tool_calls.0.name",
  "gen_ai.input.messages",
  "gen_ai.operation.name",
  "gen_ai.output.messages",
  "gen_ai.prompt",
  "gen_ai.prompt.0.content",
  "gen_ai.response.finish_reasons",
  "gen_ai.system_instructions",
  "gen_ai.tool.call.id",
  "gen_ai.tool.name",
  "gen_ai.usage.input_tokens",
  "input.value",
  "langfuse.observation.input",
  "langfuse.observation.level",
  "langfuse.observation.output",
  "langfuse.observation.type",
  "langfuse.observation.usage_details",
  "langsmith.span.kind",
  "llm.input_messages.0.message.contents.0.message_content.type",
  "llm.input_messages.99999.message.role",
  "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments",
  "llm.token_count.prompt",
  "llm.tools.0.tool.json_schema",
  "logfire.pending_parent_id",
  "logfire.span_type",
  "mastra.model_step.input",
  "mastra.model_step.output",
  "metadata",
  "openinference.span.kind",
  "output.value",
  "request_id",
  "session.id",
  "tool.name",
  "traceloop.entity.input",
  "traceloop.span.kind",
  "__proto__",
  "constructor",
]
const WORDS = [
  "chat",
  "execute_tool",
  "invoke_agent",
  "LLM",
  "TOOL",
  "AGENT",
  "CHAIN",
  "llm",
  "tool",
  "generation",
  "agent",
  "pending_span",
  "ai.toolCall",
  "ai.generateText.doGenerate",
  "ERROR",
  "s1",
  "c1",
  "model_generation",
]

const json: fc.Arbitrary<Json> = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: json.map((item) => JSON.stringify(item)) },
  {
    weight: 1,
    arbitrary: fc.constant(
      '[{"role":"assistant","tool_calls":[{"id":"c1","function":{"name":"f","arguments":"{"}}]}]',
    ),
  },
  { weight: 1, arbitrary: json },
  { weight: 1, arbitrary: fc.string() },
)
const attributes = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 8 })
const id = fc.constantFrom("a", "b", "c", "d", "e", "")
const anySpan: fc.Arbitrary<OtelRecord> = fc
  .record({
    id,
    parent: fc.option(id, { nil: undefined }),
    trace: fc.constantFrom("t1", "t2"),
    from: fc.integer({ min: -5, max: 200 }),
    to: fc.integer({ min: -5, max: 200 }),
    attributes,
    status: fc.constantFrom(0, 1, 2),
    name: fc.constantFrom(
      "x",
      "call_llm",
      "claude_code.tool",
      "claude_code.llm_request",
      "claude_code.interaction",
    ),
    events: fc.array(
      fc.record({ name: fc.constantFrom("exception", "gen_ai.choice", "tool.output"), attributes }),
      { maxLength: 2 },
    ),
  })
  .map(({ parent, ...input }) => span({ ...input, ...(parent !== undefined && { parent }) }))
const anyLog: fc.Arbitrary<OtelRecord> = fc
  .record({
    name: fc.constantFrom(
      "gen_ai.choice",
      "gen_ai.user.message",
      "gen_ai.tool.message",
      "codex.tool_result",
      "claude_code.api_request",
      "x",
    ),
    span: id,
    trace: fc.constantFrom("t1", "t2"),
    body: json,
    attributes,
    resource: fc.constantFrom(
      { "service.name": "claude-code" },
      { "service.name": "codex_exec" },
      { "service.name": "a" },
    ),
  })
  .map((input) => log(input))

describe("hostile input", () => {
  test("no span or log record makes the dialect throw, and every turn is emitted once", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.oneof(anySpan, anyLog), { maxLength: 8 }), { maxLength: 6 }),
        (requests) => {
          const dialect = createOtelDialect(DEFAULT_TRACE_SETTINGS)
          const state = dialect.initial()
          const seen = new Set<string>()
          let now = 0
          const check = (operations: ReturnType<typeof dialect.reduce>["operations"]) => {
            for (const operation of operations) {
              if (operation.op !== "turn") continue
              const name = `${operation.key} ${operation.id}`
              expect(seen.has(name)).toBe(false)
              seen.add(name)
              expect(() => JSON.stringify(operation.turn)).not.toThrow()
            }
          }
          for (const records of requests) {
            check(dialect.reduce(state, { records, bytes: 10 }, now).operations)
            now += 700
            check(dialect.advance?.(state, now).operations ?? [])
          }
          for (let round = 0; round < 5; round++) {
            now += 700_000
            check(dialect.advance?.(state, now).operations ?? [])
          }
        },
      ),
      { numRuns: 300 },
    )
  })

  test("no LangSmith run and no OpenAI Agents item makes its dialect throw", () => {
    const field = fc.constantFrom(
      "run_type",
      "inputs",
      "outputs",
      "extra",
      "error",
      "trace_id",
      "parent_run_id",
      "start_time",
      "end_time",
      "dotted_order",
      "tags",
      "serialized",
      "session_name",
      "name",
    )
    const run = fc
      .tuple(fc.dictionary(field, value), id, fc.constantFrom("post" as const, "patch" as const))
      .map(([fields, runId, operation]) => ({ ...fields, id: runId, operation }))
    const item = fc.dictionary(
      fc.constantFrom(
        "object",
        "id",
        "trace_id",
        "parent_id",
        "started_at",
        "ended_at",
        "span_data",
        "error",
      ),
      fc.oneof(
        value,
        fc.dictionary(fc.constantFrom("type", "input", "output", "usage", "data", "name"), value),
      ),
    )
    fc.assert(
      fc.property(fc.array(run), fc.array(item), (runs, items) => {
        const langSmith = createLangSmithDialect(DEFAULT_TRACE_SETTINGS)
        langSmith.advance?.(langSmith.reduce(langSmith.initial(), { runs, bytes: 1 }, 0).state, 700_000)
        const agents = createOpenAIAgentsDialect(DEFAULT_TRACE_SETTINGS)
        agents.advance?.(
          agents.reduce(agents.initial(), { items: items as Json[], bytes: 1 }, 0).state,
          700_000,
        )
      }),
      { numRuns: 300 },
    )
  })

  test("a chain of parents that is circular or very deep doesn't keep the run open", () => {
    const circle = Array.from({ length: 50 }, (_, index) =>
      span({
        id: `s${index}`,
        parent: `s${(index + 1) % 50}`,
        attributes: { "gen_ai.operation.name": index % 2 === 0 ? "chat" : "invoke_agent" },
      }),
    )
    const deep = Array.from({ length: 3_000 }, (_, index) =>
      span({
        id: `d${index}`,
        trace: "t2",
        parent: `d${index + 1}`,
        attributes: { "gen_ai.operation.name": "chat" },
      }),
    )
    const dialect = createOtelDialect(DEFAULT_TRACE_SETTINGS)
    const { state } = dialect.reduce(dialect.initial(), { records: [...circle, ...deep], bytes: 1 }, 0)
    expect(dialect.advance?.(state, 700_000).operations.some(({ op }) => op === "end")).toBe(true)
  })

  test("state is bounded: if there are too many runs, the one that has been silent longest is evicted", () => {
    const dialect = createOtelDialect(DEFAULT_TRACE_SETTINGS)
    const state = dialect.initial()
    const call = (index: number) =>
      span({
        id: `s${index}`,
        trace: `t${index}`,
        parent: "p",
        attributes: { "gen_ai.operation.name": "chat" },
      })
    const records = Array.from({ length: 10_010 }, (_, index) => call(index))
    const { operations } = dialect.reduce(state, { records, bytes: 1 }, 0)
    expect(state.runs.size).toBeLessThanOrEqual(10_000)
    const evicted = operations.filter(({ op }) => op === "end")
    expect(evicted).toHaveLength(10)
    const turns = operations.flatMap((operation) =>
      operation.op === "turn" && evicted.some(({ key }) => key === operation.key) ? [operation.turn] : [],
    )
    expect(turns.filter(({ kind }) => kind === "model")).toHaveLength(10)
    expect(turns.filter(({ event }) => event === "run_forgotten")).toHaveLength(10)
  })

  test("a run that holds too much text releases it immediately", () => {
    const dialect = createOtelDialect(DEFAULT_TRACE_SETTINGS)
    const records = [span({ id: "m", parent: "p", attributes: { "gen_ai.operation.name": "chat" } })]
    const { operations } = dialect.reduce(dialect.initial(), { records, bytes: 2_000_000 }, 0)
    expect(operations.map(({ op }) => op)).toContain("turn")
  })
})
