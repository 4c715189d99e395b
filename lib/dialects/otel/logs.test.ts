import { describe, expect, test } from "vitest"
import { log, onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"
import type { Json } from "@/lib/protocol/fields"

const claude = { "service.name": "claude-code", "service.version": "2.1" }
const codex = { "service.name": "codex_exec" }

const event = (name: string, at: number, more: { [name: string]: Json }) =>
  log({
    name: `claude_code.${name}`,
    at,
    resource: claude,
    attributes: { "event.name": name, "session.id": "s-1", ...more },
  })

const prompt = event("user_prompt", 0, { prompt: "Fix the bug" })
const request = event("api_request", 100, {
  request_id: "r1",
  model: "opus",
  input_tokens: 10,
  cache_read_tokens: 30,
  cache_creation_tokens: 5,
  output_tokens: 7,
  cost_usd: 0.01,
  duration_ms: 90,
})
const response = event("assistant_response", 101, { request_id: "r1", response: "Looking." })
const result = event("tool_result", 200, {
  tool_use_id: "u1",
  tool_name: "Bash",
  tool_input: '{"command":"ls"}',
  success: "false",
  error: "exit 1",
  duration_ms: "50",
})
const rejected = event("tool_decision", 150, {
  tool_use_id: "u2",
  tool_name: "Write",
  decision: "reject",
  source: "user_reject",
})

const claudeSpan = (
  id: string,
  name: string,
  from: number,
  to: number,
  attributes: { [name: string]: Json },
  parent?: string,
) =>
  span({
    id,
    name: `claude_code.${name}`,
    trace: "ct",
    from,
    to,
    resource: claude,
    ...(parent !== undefined && { parent }),
    attributes: { "session.id": "s-1", "gen_ai.conversation.id": "s-1", ...attributes },
  })
const interaction = claudeSpan("i", "interaction", 0, 300, {
  "gen_ai.operation.name": "invoke_agent",
  user_prompt: "Fix the bug",
})
const llm = claudeSpan(
  "l",
  "llm_request",
  10,
  100,
  {
    request_id: "r1",
    "gen_ai.request.model": "opus",
    "gen_ai.usage.input_tokens": 45,
    "gen_ai.usage.output_tokens": 7,
    "gen_ai.response.finish_reasons": ["tool_use"],
  },
  "i",
)
const tool = {
  ...claudeSpan("t", "tool", 150, 200, { tool_name: "Bash", "gen_ai.tool.call.id": "u1" }, "i"),
  events: [{ name: "tool.output", time: 0n, attributes: { output: "file" } }],
}
const execution = {
  ...claudeSpan("e", "tool.execution", 151, 199, { "gen_ai.tool.call.id": "u1" }, "t"),
  status: 2,
  statusMessage: "exit 1",
}

describe("Claude Code's own telemetry", () => {
  test("log records alone become turns of the session's run", () => {
    const run = onlyRun(replay([[300, [prompt, request, response, rejected, result]]]))
    expect(run.key).toBe("claude-code:s-1")
    expect(run.start).toMatchObject({
      agent_id: "otel/claude-code",
      intent: "Fix the bug",
      source: { name: "claude-code", version: "2.1", session: "s-1" },
    })
    expect(run.shape).toEqual(["model", "tool Write", "tool Bash!"])
    expect(run.turns[0]).toMatchObject({
      prompt: "Fix the bug",
      message: "Looking.",
      cost_usd: 0.01,
      duration_ms: 90,
      usage: { input_tokens: 45, cached_input_tokens: 30, output_tokens: 7 },
    })
    expect(run.turns[1]).toMatchObject({ policy_rejected: true, attributes: { denied_by: "user" } })
    expect(run.turns[2]).toMatchObject({
      parameters: { command: "ls" },
      call_id: "u1",
      error: { message: "exit 1" },
    })
  })

  test("reads the tokens of versions whose spans only have Claude Code's own names", () => {
    const own = claudeSpan(
      ...(["l", "llm_request", 10, 100] as const),
      { input_tokens: 10, output_tokens: 7, cache_read_tokens: 30, cache_creation_tokens: 5 },
      "i",
    )
    const run = onlyRun(replay([[300, [own, interaction]]]))
    expect(run.turns[0]?.usage).toEqual({
      ...{ input_tokens: 45, output_tokens: 7 },
      ...{ cached_input_tokens: 30, cache_creation_input_tokens: 5 },
    })
  })

  test("spans and log records of the same calls yield each turn once, whichever arrives first", () => {
    const spans = [execution, tool, llm, interaction]
    const logs = [prompt, request, response, result]
    for (const requests of [
      [
        [0, logs],
        [500, spans],
      ],
      [
        [0, spans],
        [500, logs],
      ],
      [
        [0, logs],
        [9_000, spans],
      ],
    ] as const) {
      const run = onlyRun(replay(requests.map(([at, records]) => [at, [...records]] as const)))
      expect(run.shape).toEqual(["model", "tool Bash!"])
      expect(run.turns[0]).toMatchObject({ prompt: "Fix the bug", message: "Looking.", cost_usd: 0.01 })
      expect(run.turns[1]?.parameters).toEqual({ command: "ls" })
    }
  })

  test("a finished interaction waits for the next prompt, and a session is one run", () => {
    const next = event("user_prompt", 60_000, { prompt: "And the tests?" })
    const run = onlyRun(
      replay([
        [400, [llm, interaction, prompt, request, response]],
        [60_000, [next]],
      ]),
    )
    expect(run.waits).toMatchObject([{ waiting: { kind: "prompt" } }, { waiting: null }])
    expect(run.start.intent).toBe("Fix the bug")
    const idle = onlyRun(replay([[400, [llm, interaction]]]))
    expect(idle.ends).toMatchObject([{ status: "success", at: 600_400 }])
  })

  test("redacted prompts and answers are omitted", () => {
    const hidden = "<REDACTED>"
    const run = onlyRun(
      replay([
        [
          300,
          [
            event("user_prompt", 0, { prompt: hidden }),
            request,
            event("assistant_response", 101, { request_id: "r1", response: hidden }),
          ],
        ],
      ]),
    )
    expect(run.turns[0]?.prompt).toBeUndefined()
    expect(run.turns[0]?.message).toBeUndefined()
    expect(run.start.intent).toBe("claude-code session")
  })
})

describe("Codex's own telemetry", () => {
  const codexEvent = (name: string, at: number, more: { [name: string]: Json }) =>
    log({
      name: "",
      at,
      resource: codex,
      attributes: { "event.name": `codex.${name}`, "conversation.id": "th-1", model: "gpt", ...more },
    })

  test("completed responses and tool results become turns; counts may be strings", () => {
    const run = onlyRun(
      replay([
        [
          0,
          [
            codexEvent("user_prompt", 0, { prompt: "Take stock" }),
            codexEvent("sse_event", 50, { "event.kind": "response.created" }),
            codexEvent("sse_event", 90, {
              "event.kind": "response.completed",
              input_token_count: "412",
              output_token_count: "96",
              cached_token_count: "12",
              reasoning_token_count: "48",
            }),
            codexEvent("tool_result", 200, {
              call_id: "x1",
              tool_name: "exec_command",
              arguments: '{"cmd":"ls"}',
              output: "Chunk ID: 1\nProcess exited with code 2\nOutput:\nno",
              success: "true",
              duration_ms: "51",
            }),
          ],
        ],
      ]),
    )
    expect(run.key).toBe("codex:th-1")
    expect(run.turns).toMatchObject([
      {
        kind: "model",
        prompt: "Take stock",
        model: "gpt",
        usage: { input_tokens: 412, output_tokens: 96, cached_input_tokens: 12, reasoning_tokens: 48 },
      },
      {
        kind: "tool",
        tool: "exec_command",
        parameters: { cmd: "ls" },
        exit_code: 2,
        call_id: "x1",
        duration_ms: 51,
      },
    ])
  })

  test("silence after an answer means the session has finished, but silence after a tool call doesn't", () => {
    const answer = codexEvent("sse_event", 90, {
      "event.kind": "response.completed",
      input_token_count: "1",
      output_token_count: "1",
    })
    const call = codexEvent("tool_result", 200, { call_id: "x1", tool_name: "exec_command", success: "true" })
    expect(onlyRun(replay([[0, [answer]]])).ends).toMatchObject([{ status: "success" }])
    expect(onlyRun(replay([[0, [answer, call]]])).ends).toMatchObject([{ status: "incomplete" }])
  })
})

describe("messages of a model call in log records", () => {
  const message = (name: string, at: number, body: Json) => log({ name, at, trace: "t1", span: "m", body })
  const records = [
    message("gen_ai.system.message", 1, { content: "Be brief." }),
    message("gen_ai.user.message", 1, { content: "Weather?" }),
    message("gen_ai.choice", 9, {
      index: 0,
      finish_reason: "tool_calls",
      message: {
        content: "I look.",
        tool_calls: [{ id: "c1", function: { name: "weather", arguments: "{}" } }],
      },
    }),
  ]
  const call = span({
    id: "m",
    parent: "root",
    from: 1,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.usage.input_tokens": 4,
      "gen_ai.usage.output_tokens": 1,
    },
  })

  test("messages sent twice are recorded once, but equal messages within one request are both recorded", () => {
    const twice = [
      message("gen_ai.user.message", 2, { content: "Hm" }),
      message("gen_ai.user.message", 2, { content: "Hm" }),
    ]
    const run = onlyRun(
      replay([
        [0, [...records, ...twice]],
        [10, [...records, ...twice]],
        [20, [call, span({ id: "root", to: 20 })]],
      ]),
    )
    expect(run.turns[0]).toMatchObject({ prompt: "Be brief.\n\nWeather?\n\nHm\n\nHm", message: "I look." })
    expect(run.turns[0]?.attributes?.tool_calls).toHaveLength(1)
  })

  test("messages are progress until their span arrives, and then complete it", () => {
    const run = onlyRun(
      replay([
        [0, records],
        [4_000, [call, span({ id: "root", to: 20 })]],
      ]),
    )
    expect(run.progress[0]).toMatchObject({ progress: { kind: "model" } })
    expect(run.turns).toMatchObject([
      {
        prompt: "Be brief.\n\nWeather?",
        message: "I look.",
        usage: { input_tokens: 4 },
        attributes: { tool_calls: [{ id: "c1", name: "weather" }] },
      },
    ])
  })

  test("messages may arrive after their span, within the hold", () => {
    const run = onlyRun(
      replay([
        [0, [call]],
        [800, records],
        [900, [span({ id: "root", to: 20 })]],
      ]),
    )
    expect(run.turns).toMatchObject([{ message: "I look." }])
  })

  test("messages without a span become a turn when the run ends", () => {
    const run = onlyRun(replay([[0, records]]))
    expect(run.turns).toMatchObject([{ prompt: "Be brief.\n\nWeather?", message: "I look." }])
    expect(run.ends).toMatchObject([{ status: "incomplete" }])
  })
})

test("a log record with an impossible duration still becomes a turn", () => {
  const run = onlyRun(
    replay([[300, [prompt, event("api_request", 100, { request_id: "r1", duration_ms: 1e305 })]]]),
  )
  expect(run.shape).toContain("model")
})
