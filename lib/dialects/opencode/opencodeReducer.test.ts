import { describe, expect, it } from "vitest"
import { replaySession, TEST_OPTIONS } from "@/lib/dialects/testing/replaySession"
import { opencodeReducer } from "./opencodeReducer"

const replay = (...inputs: object[]) =>
  replaySession(opencodeReducer({ key: "opencode:ses_1", session: "ses_1" }, TEST_OPTIONS), inputs)

let clock = Date.UTC(2026, 2, 1)
const session = (info: object) => ({
  type: "session.updated.1",
  data: { info: { directory: "/home/ada/shop", version: "1.0", title: "New session - 2026", ...info } },
})
const message = (info: object) => ({ type: "message.updated.1", data: { info } })
const part = (fields: object) => {
  clock += 1000
  return { type: "message.part.updated.1", data: { part: { messageID: "m2", ...fields }, time: clock } }
}
const begin = [
  session({}),
  message({ id: "m1", role: "user" }),
  part({ id: "p1", messageID: "m1", type: "text", text: "Fix it" }),
  message({ id: "m2", role: "assistant", modelID: "m-x" }),
]
const finish = (reason: string) =>
  part({
    id: `f-${reason}`,
    type: "step-finish",
    reason,
    cost: 0.5,
    tokens: { input: 40, output: 5, reasoning: 4, cache: { read: 60, write: 0 } },
  })
const tool = (status: string, more: object = {}) =>
  part({
    id: "t1",
    type: "tool",
    tool: "bash",
    callID: "c1",
    state: { status, input: { command: "make" }, output: "ok", time: { start: 1000, end: 3000 }, ...more },
  })

describe("opencodeReducer", () => {
  it("records a step when it is finished, and its calls after it", () => {
    const { start, turns } = replay(
      ...begin,
      part({ id: "s1", type: "step-start" }),
      part({ id: "r1", type: "reasoning", text: "Think." }),
      part({ id: "x1", type: "text", text: "" }),
      part({ id: "x1", type: "text", text: "I look." }),
      tool("running"),
      tool("completed", { metadata: { exit: 2 } }),
      finish("tool-calls"),
    )
    expect(start).toMatchObject({ agent_id: "opencode/shop", intent: "Fix it" })
    expect(turns).toMatchObject([
      { kind: "human", prompt: "Fix it" },
      {
        kind: "model",
        message: "I look.",
        thinking: "Think.",
        cost_usd: 0.5,
        usage: { input_tokens: 100, output_tokens: 9, cached_input_tokens: 60, reasoning_tokens: 4 },
      },
      {
        kind: "tool",
        tool: "bash",
        output: "ok",
        exit_code: 2,
        duration_ms: 2000,
        parameters: { command: "make" },
      },
    ])
  })

  it("adopts the title once it isn't a placeholder", () => {
    const { operations } = replay(...begin, session({ title: "Cart" }))
    expect(operations).toContainEqual({ op: "update", key: "opencode:ses_1", intent: "Cart" })
  })

  it("links the session that a task ran in", () => {
    const task = part({
      id: "t2",
      type: "tool",
      tool: "task",
      callID: "c2",
      state: { status: "completed", input: {}, output: "ok", metadata: { sessionId: "ses_2" }, time: {} },
    })
    const { turns } = replay(...begin, part({ id: "s1", type: "step-start" }), task, finish("tool-calls"))
    expect(turns.at(-1)).toMatchObject({ kind: "agent", child: "opencode:ses_2" })
  })

  it("is idle after the last answer, and failed after an error", () => {
    const done = message({ id: "m2", role: "assistant", finish: "stop", time: { completed: clock } })
    expect(
      replay(...begin, part({ id: "s1", type: "step-start" }), finish("stop"), done).waiting,
    ).toMatchObject({ kind: "prompt" })
    const failed = message({
      id: "m2",
      role: "assistant",
      time: { completed: clock },
      error: { name: "APIError", data: { message: "overloaded" } },
    })
    expect(replay(...begin, failed, { kind: "ended", died: false }).end).toMatchObject({
      status: "failure",
      summary: "overloaded",
    })
  })
})
