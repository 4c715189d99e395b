import { describe, expect, it } from "vitest"
import { replaySession, TEST_OPTIONS } from "@/lib/dialects/testing/replaySession"
import { geminiReducer } from "./geminiReducer"

const replay = (...inputs: object[]) =>
  replaySession(geminiReducer({ key: "gemini-cli:s1", session: "s1" }, TEST_OPTIONS), inputs)

const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 0, 0, second)).toISOString()
const context = {
  $set: {
    messages: [
      {
        id: "c",
        type: "user",
        timestamp: at(0),
        content: [
          { text: "<session_context>\n- **Workspace Directories:**\n  - /home/ada/shop\n</session_context>" },
        ],
      },
    ],
  },
}
const prompt = { id: "p1", type: "user", timestamp: at(1), content: [{ text: "Fix it" }] }
const answer = {
  id: "g1",
  type: "gemini",
  timestamp: at(3),
  content: "I look.",
  thoughts: [{ subject: "", description: "Think." }],
  tokens: { input: 100, output: 9, cached: 60, thoughts: 4 },
  model: "gemini-x",
}
const call = {
  id: "t1",
  name: "run_shell_command",
  args: { command: "make" },
  status: "success",
  timestamp: at(5),
  result: [{ functionResponse: { response: { output: "failed\nExit Code: 1\n" } } }],
}

describe("geminiReducer", () => {
  it("records an answer once, although it is written again with its calls", () => {
    const { start, turns } = replay(context, prompt, answer, { ...answer, toolCalls: [call] })
    expect(start).toMatchObject({
      agent_id: "gemini-cli/shop",
      intent: "Fix it",
      labels: { project: "~/shop" },
    })
    expect(turns).toMatchObject([
      { kind: "human", prompt: "Fix it" },
      {
        kind: "model",
        message: "I look.",
        thinking: "Think.",
        usage: { input_tokens: 100, cached_input_tokens: 60, output_tokens: 9, reasoning_tokens: 4 },
      },
      {
        kind: "tool",
        tool: "run_shell_command",
        exit_code: 1,
        duration_ms: 2000,
        parameters: { command: "make" },
      },
    ])
  })

  it("doesn't repeat messages that a resumed session writes again", () => {
    const { turns } = replay(context, prompt, answer, { $set: { messages: [prompt, answer] } })
    expect(turns).toHaveLength(2)
  })

  it("marks failed and cancelled calls", () => {
    const failed = {
      ...call,
      status: "error",
      result: [{ functionResponse: { response: { error: "not found" } } }],
    }
    const { turns } = replay(prompt, {
      ...answer,
      toolCalls: [failed, { ...call, id: "t2", status: "cancelled" }],
    })
    expect(turns.slice(2)).toMatchObject([{ error: { message: "not found" } }, { policy_rejected: true }])
  })

  it("ends as failure after an error message", () => {
    const error = { id: "e1", type: "error", timestamp: at(4), content: "quota exceeded" }
    const { turns, end } = replay(prompt, error, { kind: "ended", died: false })
    expect(turns.at(-1)).toMatchObject({ event: "api_error", error: { message: "quota exceeded" } })
    expect(end).toMatchObject({ status: "failure" })
  })

  it("names an image in a prompt instead of dropping it", () => {
    const content = [{ inlineData: { mimeType: "image/png", data: "aGVsbG8=" } }]
    expect(replay(context, { ...prompt, content }).turns).toMatchObject([{ prompt: "[image/png, 6 bytes]" }])
  })
})
