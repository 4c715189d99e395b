import { describe, expect, it } from "vitest"
import { replaySession, TEST_OPTIONS } from "@/lib/dialects/testing/replaySession"
import { qwenReducer } from "./qwenReducer"

const replay = (...inputs: object[]) =>
  replaySession(qwenReducer({ key: "qwen-code:s1", session: "s1" }, TEST_OPTIONS), inputs)

let clock = 0
const record = (type: string, fields: object) => ({
  uuid: `u${++clock}`,
  timestamp: new Date(Date.UTC(2026, 2, 1) + clock * 1000).toISOString(),
  type,
  cwd: "/home/ada/shop",
  version: "0.24.4",
  gitBranch: "main",
  ...fields,
})
const prompt = () => record("user", { provenance: "real_user", message: { parts: [{ text: "Fix it" }] } })
const telemetry = (fields: object) =>
  record("system", { subtype: "ui_telemetry", systemPayload: { uiEvent: fields } })
const answer = () =>
  record("assistant", {
    model: "qwen-x",
    message: {
      parts: [
        { text: "Think.", thought: true },
        { text: "I look." },
        { functionCall: { id: "c1", name: "edit", args: { a: 1 } } },
      ],
    },
    usageMetadata: {
      promptTokenCount: 100,
      candidatesTokenCount: 9,
      cachedContentTokenCount: 60,
      thoughtsTokenCount: 4,
    },
  })
const result = (response: object, status = "success") =>
  record("tool_result", {
    message: { parts: [{ functionResponse: { id: "c1", name: "edit", response } }] },
    toolCallResult: { callId: "c1", status },
  })

describe("qwenReducer", () => {
  it("records prompts, answers and results, completed with telemetry", () => {
    const { start, turns } = replay(
      prompt(),
      telemetry({ "event.name": "qwen-code.api_response", response_id: "r1", duration_ms: 925 }),
      answer(),
      telemetry({ "event.name": "qwen-code.tool_call", call_id: "c1", duration_ms: 379 }),
      result({ output: "ok" }),
    )
    expect(start).toMatchObject({ agent_id: "qwen-code/shop", labels: { branch: "main", version: "0.24.4" } })
    expect(turns).toMatchObject([
      { kind: "human", prompt: "Fix it" },
      {
        kind: "model",
        message: "I look.",
        thinking: "Think.",
        response_id: "r1",
        duration_ms: 925,
        usage: { input_tokens: 100, output_tokens: 9, cached_input_tokens: 60, reasoning_tokens: 4 },
      },
      { kind: "tool", tool: "edit", parameters: { a: 1 }, output: "ok", duration_ms: 379 },
    ])
  })

  it("marks failed and refused calls", () => {
    const failed = replay(prompt(), answer(), result({ error: "no such file" }, "error")).turns.at(-1)
    expect(failed).toMatchObject({ error: { message: "no such file" } })
    const refused = telemetry({ "event.name": "qwen-code.tool_call", call_id: "c1", decision: "reject" })
    expect(replay(prompt(), answer(), refused, result({ error: "cancelled" })).turns.at(-1)).toMatchObject({
      policy_rejected: true,
      attributes: { denied_by: "user" },
    })
  })

  it("shows the open call, and waits for a prompt when the answer has none", () => {
    expect(replay(prompt(), answer()).operations.at(-1)).toMatchObject({
      op: "progress",
      progress: { tool: "edit" },
    })
    const final = record("assistant", { message: { parts: [{ text: "Done." }] } })
    expect(replay(prompt(), final).waiting).toMatchObject({ kind: "prompt" })
  })

  it("names an image in a prompt instead of dropping it", () => {
    const parts = [{ text: "Look" }, { fileData: { mimeType: "image/png", fileUri: "x.png" } }]
    const image = record("user", { provenance: "real_user", message: { parts } })
    expect(replay(image).turns).toMatchObject([{ prompt: "Look\n[image/png]" }])
  })
})
