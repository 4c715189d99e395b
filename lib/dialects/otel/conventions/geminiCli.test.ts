import { expect, test } from "vitest"
import { log, onlyRun, replay, span } from "@/lib/dialects/testing/buildSpan"
import type { Json } from "@/lib/protocol/fields"

const gemini = { "service.name": "gemini-cli" }
const qwen = { "service.name": "qwen-code", "service.version": "0.9" }
const text = (value: Json) => JSON.stringify(value)

const ask = { role: "user", parts: [{ text: "Run the test" }] }
const chunks = [
  { role: "model", parts: [{ text: "I run " }] },
  { role: "model", parts: [{ text: "it." }] },
  {
    role: "model",
    parts: [{ functionCall: { id: "shell__c1", name: "shell", args: { command: "npm test" } } }],
  },
]

const geminiSpan = (
  id: string,
  trace: string,
  from: number,
  attributes: { [name: string]: Json },
  parent?: string,
) =>
  span({
    id,
    trace,
    from,
    to: from + 50,
    name: String(attributes["gen_ai.operation.name"]),
    resource: gemini,
    ...(parent !== undefined && { parent }),
    attributes: { "session.id": "s-1", "gen_ai.conversation.id": "s-1", ...attributes },
  })

test("Gemini CLI: one session is one run, with calls joined from chunks and tools with arguments and results", () => {
  const history = [
    ask,
    {
      role: "model",
      parts: [
        { text: "I run it." },
        { functionCall: { id: "c1", name: "shell", args: { command: "npm test" } } },
      ],
    },
    {
      role: "user",
      parts: [{ functionResponse: { id: "c1", name: "shell", response: { output: "1 failed" } } }],
    },
  ]
  const run = onlyRun(
    replay([
      [
        0,
        [
          log({
            name: "gemini_cli.user_prompt",
            at: 0,
            resource: gemini,
            attributes: {
              "event.name": "gemini_cli.user_prompt",
              "session.id": "s-1",
              prompt: "Run the test",
            },
          }),
          geminiSpan("m1", "a", 10, {
            "gen_ai.operation.name": "llm_call",
            "gen_ai.input.messages": text([ask]),
            "gen_ai.output.messages": text(chunks),
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.output_tokens": 5,
          }),
          geminiSpan(
            "t1",
            "b",
            70,
            {
              "gen_ai.operation.name": "tool_call",
              "gen_ai.tool.name": "shell",
              "gen_ai.tool.call_id": "shell__c1",
              "gen_ai.input.messages": text({ callId: "shell__c1", args: { command: "npm test" } }),
              "gen_ai.output.messages": text({
                status: "success",
                response: {
                  responseParts: [
                    {
                      functionResponse: { id: "shell__c1", name: "shell", response: { output: "1 failed" } },
                    },
                  ],
                  data: { exitCode: 1, isError: true },
                },
              }),
            },
            "s1",
          ),
          geminiSpan("s1", "b", 65, { "gen_ai.operation.name": "schedule_tool_calls" }),
          geminiSpan("m2", "c", 130, {
            "gen_ai.operation.name": "llm_call",
            "gen_ai.input.messages": text(history),
            "gen_ai.output.messages": text([{ role: "model", parts: [{ text: "One fails." }] }]),
            "gen_ai.usage.input_tokens": 20,
            "gen_ai.usage.output_tokens": 6,
          }),
        ],
      ],
    ]),
  )
  expect(run.shape).toEqual(["model", "tool shell!", "model"])
  expect(run.turns[0]).toMatchObject({ prompt: "Run the test", message: "I run it." })
  expect(run.turns[1]).toMatchObject({
    call_id: "c1",
    parameters: { command: "npm test" },
    output: "1 failed",
    exit_code: 1,
    error: { message: "1 failed" },
  })
  expect(run.turns[2]).toMatchObject({ message: "One fails.", usage: { input_tokens: 20, output_tokens: 6 } })
  expect(run.ends.map(({ status }) => status)).toEqual(["success"])
})

const qwenLog = (name: string, at: number, spanId: string, more: { [name: string]: Json }) =>
  log({
    name: `qwen-code.${name}`,
    at,
    trace: "q",
    span: spanId,
    resource: qwen,
    attributes: { "event.name": `qwen-code.${name}`, "session.id": "s-2", ...more },
  })
const answered = qwenLog("api_response", 60, "m", {
  response_id: "r1",
  model: "qwen3",
  input_token_count: 10,
  output_token_count: 5,
  response_text: "I look.",
  duration_ms: 50,
})
const called = qwenLog("tool_call", 90, "t", {
  call_id: "c1",
  function_name: "read_file",
  function_args: '{"path":"a.js"}',
  success: false,
  error: "no such file",
  duration_ms: 20,
})
const qwenSpan = (
  id: string,
  name: string,
  from: number,
  attributes: { [name: string]: Json },
  parent?: string,
) =>
  span({
    id,
    trace: "q",
    from,
    to: from + 20,
    name: `qwen-code.${name}`,
    resource: qwen,
    ...(parent !== undefined && { parent }),
    attributes: { "session.id": "s-2", ...attributes },
  })
const qwenSpans = [
  qwenSpan("m", "llm_request", 10, {
    "gen_ai.operation.name": "chat",
    "gen_ai.request.model": "qwen3",
    "gen_ai.response.id": "r1",
    "gen_ai.usage.input_tokens": 10,
    "gen_ai.usage.output_tokens": 5,
  }),
  qwenSpan("e", "tool.execution", 72, { "gen_ai.tool.name": "read_file", "tool.call_id": "c1" }, "t"),
  qwenSpan("t", "tool", 70, {
    "gen_ai.operation.name": "execute_tool",
    "gen_ai.tool.name": "read_file",
    "gen_ai.tool.call.id": "c1",
  }),
]

test.each([
  ["log records alone", [answered, called]],
  ["spans and log records", [...qwenSpans, answered, called]],
])("Qwen Code: %s yield one turn per call, with the content of the log records", (_, records) => {
  const run = onlyRun(replay([[0, records]]))
  expect(run.shape).toEqual(["model", "tool read_file!"])
  expect(run.turns[0]).toMatchObject({
    message: "I look.",
    response_id: "r1",
    usage: { input_tokens: 10, output_tokens: 5 },
  })
  expect(run.turns[1]).toMatchObject({
    call_id: "c1",
    parameters: { path: "a.js" },
    error: { message: "no such file" },
  })
})

test("Gemini CLI: a result that a resumed session's history repeats is one turn", () => {
  const call = { functionCall: { id: "c1", name: "shell", args: { command: "npm test" } } }
  const result = { functionResponse: { id: "c1", name: "shell", response: { error: "not allowed" } } }
  const model = (id: string, from: number, input: Json, answer: Json) =>
    geminiSpan(id, id, from, {
      "gen_ai.operation.name": "llm_call",
      "gen_ai.input.messages": text(input),
      "gen_ai.output.messages": text([{ role: "model", parts: [answer] }]),
    })
  const history = [
    ask,
    { role: "model", parts: [call] },
    { role: "user", parts: [result, result] },
    { role: "user", parts: [{ text: "And now?" }] },
  ]
  const run = onlyRun(
    replay([[0, [model("m1", 10, [ask], call), model("m2", 130, history, { text: "Still no." })]]]),
  )
  expect(run.shape).toEqual(["model", "tool shell!", "model"])
})
