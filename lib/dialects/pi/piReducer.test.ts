import { describe, expect, it } from "vitest"
import { replaySession, TEST_OPTIONS } from "@/lib/dialects/testing/replaySession"
import { piReducer } from "./piReducer"

const replay = (...inputs: object[]) =>
  replaySession(piReducer({ key: "pi:s1", session: "s1" }, TEST_OPTIONS), inputs)

let clock = 0
const message = (fields: object) => {
  const time = Date.UTC(2026, 2, 1) + ++clock * 1000
  return { type: "message", id: `e${clock}`, timestamp: new Date(time).toISOString(), message: fields }
}
const head = { type: "session", version: 3, id: "s1", cwd: "/home/ada/shop" }
const prompt = () => message({ role: "user", content: [{ type: "text", text: "Fix it" }] })
const answer = (more: object = {}) =>
  message({
    role: "assistant",
    content: [
      { type: "thinking", thinking: "Think." },
      { type: "text", text: "I look." },
      { type: "toolCall", id: "c1", name: "bash", arguments: { command: "make" } },
    ],
    model: "m",
    responseId: "r1",
    usage: { input: 40, output: 9, cacheRead: 60, cacheWrite: 5, cost: { total: 0.25 } },
    stopReason: "toolUse",
    ...more,
  })

describe("piReducer", () => {
  it("records prompts, answers with their cost, and results", () => {
    const { start, turns } = replay(
      head,
      prompt(),
      answer(),
      message({
        role: "toolResult",
        toolCallId: "c1",
        toolName: "bash",
        content: [{ type: "text", text: "no\n\nCommand exited with code 1" }],
        isError: true,
      }),
    )
    expect(start).toMatchObject({ agent_id: "pi/shop", labels: { project: "~/shop" } })
    expect(turns).toMatchObject([
      { kind: "human", prompt: "Fix it" },
      {
        kind: "model",
        message: "I look.",
        thinking: "Think.",
        cost_usd: 0.25,
        usage: {
          input_tokens: 105,
          output_tokens: 9,
          cached_input_tokens: 60,
          cache_creation_input_tokens: 5,
        },
      },
      { kind: "tool", tool: "bash", parameters: { command: "make" }, exit_code: 1, error: {} },
    ])
  })

  it("ends as failure after a failed answer, and as given up after an aborted one", () => {
    const ended = { kind: "ended", died: false }
    const failed = answer({ content: [], stopReason: "error", errorMessage: "overloaded" })
    expect(replay(head, prompt(), failed, ended).end).toMatchObject({
      status: "failure",
      summary: "overloaded",
    })
    const aborted = answer({ content: [], stopReason: "aborted" })
    expect(replay(head, prompt(), aborted, ended).end).toMatchObject({ status: "give_up" })
  })

  it("doesn't record an entry twice", () => {
    const entry = prompt()
    expect(replay(head, entry, entry).turns).toHaveLength(1)
  })

  it("names images in prompts and results instead of dropping them", () => {
    const image = { type: "image", mimeType: "image/png", data: "aGVsbG8=" }
    const shown = message({ role: "toolResult", toolCallId: "c1", toolName: "read", content: [image] })
    const { turns } = replay(head, message({ role: "user", content: [image] }), answer(), shown)
    expect(turns[0]).toMatchObject({ kind: "human", prompt: "[image/png, 6 bytes]" })
    expect(turns[2]).toMatchObject({ output: "[image/png, 6 bytes]" })
  })

  it("skips the copies in a forked session, and continues its origin", () => {
    const origin = "11111111-2222-4333-8444-555555555555"
    const copies = [prompt(), answer()]
    const forked = { ...head, timestamp: message({}).timestamp, parentSession: `/x/2026_${origin}.jsonl` }
    const { start, turns } = replay(forked, ...copies, prompt(), answer())
    expect(start?.continues).toBe(`pi:${origin}`)
    expect(turns.map(({ kind }) => kind)).toEqual(["human", "model"])
  })
})
