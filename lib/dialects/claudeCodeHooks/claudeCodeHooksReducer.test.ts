import { describe, expect, it } from "vitest"
import type { Operation } from "@/lib/dialects/operations"
import { TEST_OPTIONS } from "@/lib/dialects/testing/replaySession"
import { claudeCodeHooksReducer } from "./claudeCodeHooksReducer"

const SESSION = "s1"
const KEY = `claude-code:${SESSION}`

function replay(...events: object[]): Operation[] {
  const reducer = claudeCodeHooksReducer(SESSION, TEST_OPTIONS)
  let state = reducer.initial()
  return events.flatMap((event, index) => {
    const body = { session_id: SESSION, cwd: "/home/ada/shop", ...event }
    const at = new Date(Date.UTC(2026, 2, 1) + index * 1000).toISOString()
    const reduction = reducer.reduce(state, { event: body, at }, index * 1000)
    state = reduction.state
    return reduction.operations
  })
}

const turnsOf = (operations: Operation[]) =>
  operations.flatMap((each) => (each.op === "turn" ? [each.turn] : []))
const on = (hook_event_name: string, fields: object = {}) => ({ hook_event_name, ...fields })
const prompt = (text: string) => on("UserPromptSubmit", { prompt: text })
const call = { tool_name: "Bash", tool_input: { command: "make" }, tool_use_id: "c1" }

describe("claudeCodeHooksReducer", () => {
  it("starts the run with the first event and shows what happens", () => {
    const operations = replay(prompt("Fix it"), on("PreToolUse", call))
    expect(operations[0]).toMatchObject({ op: "start", key: KEY, agent_id: "claude-code/shop" })
    expect(operations.findLast(({ op }) => op === "progress")).toMatchObject({
      progress: { kind: "tool", tool: "Bash", parameters: { command: "make" } },
    })
    expect(turnsOf(operations)).toMatchObject([{ kind: "human", prompt: "Fix it" }])
  })

  it("records finished, failed and refused calls", () => {
    const refused = { ...call, tool_use_id: "c2", tool_response: "This command requires approval" }
    const turns = turnsOf(
      replay(
        prompt("Go"),
        on("PreToolUse", call),
        on("PostToolUse", { ...call, tool_response: { stdout: "ok", stderr: "" }, duration_ms: 40 }),
        on("PostToolUseFailure", { ...call, tool_use_id: "c3", error: "Exit code 2\nno", duration_ms: 5 }),
        on("PostToolBatch", { tool_calls: [call, refused] }),
      ),
    )
    expect(turns.slice(1)).toMatchObject([
      { tool: "Bash", output: "ok", duration_ms: 40, call_id: "c1" },
      { exit_code: 2, error: { message: "Exit code 2\nno" } },
      { call_id: "c2", policy_rejected: true, attributes: { denied_by: "policy" } },
    ])
    expect(turns).toHaveLength(4)
  })

  it("gives answers and refused calls a duration, because their events arrive when they end", () => {
    const refused = { ...call, tool_response: "This command requires approval" }
    const turns = turnsOf(
      replay(
        prompt("Go"),
        on("PreToolUse", call),
        on("PostToolBatch", { tool_calls: [refused] }),
        on("Stop", { last_assistant_message: "I couldn't" }),
      ),
    )
    expect(turns.slice(1)).toMatchObject([
      { call_id: "c1", policy_rejected: true, duration_ms: 1_000 },
      { kind: "model", message: "I couldn't", duration_ms: 1_000 },
    ])
  })

  it("keeps only a small part of large events in its state, but all of them in the turns", () => {
    const reducer = claudeCodeHooksReducer(SESSION, TEST_OPTIONS)
    const state = reducer.initial()
    const content = "x".repeat(300_000)
    const operations: Operation[] = []
    for (let n = 0; n < 50; n++) {
      const write = { tool_name: "Write", tool_input: { n, content }, tool_use_id: `w${n}` }
      const result = { ...write, tool_response: "ok" }
      for (const event of [
        on("PreToolUse", write),
        on("PostToolUse", result),
        on("PreToolUse", { ...write, tool_use_id: `open${n}` }),
      ])
        operations.push(...reducer.reduce(state, { event, at: "2026-03-01T00:00:00.000Z" }, n).operations)
    }
    const turns = turnsOf(operations)
    expect(turns).toHaveLength(50)
    for (const turn of turns) expect(JSON.stringify(turn.parameters)).toContain(content)
    const kept = [...state.recent.keys(), ...state.root.calls.values()]
    expect(JSON.stringify(kept).length).toBeLessThan(50_000)
  })

  it("doesn't record calls as refused if their results were lost", () => {
    const listed = (id: string, tool_response: unknown) => ({ ...call, tool_use_id: id, tool_response })
    const batch = on("PostToolBatch", { tool_calls: [listed("c1", "ok"), listed("c2", "Exit code 2\nno")] })
    const turns = turnsOf(replay(prompt("Go"), batch)).slice(1)
    expect(turns).toMatchObject([
      { call_id: "c1", output: "ok" },
      { call_id: "c2", exit_code: 2, error: { message: "Exit code 2\nno" } },
    ])
    expect(turns.some(({ policy_rejected }) => policy_rejected)).toBe(false)
  })

  it("waits for approval, and for the next prompt", () => {
    const kinds = (...events: object[]) =>
      replay(prompt("Go"), ...events).flatMap((each) => (each.op === "wait" ? [each.waiting?.kind] : []))
    expect(kinds(on("PermissionRequest", call)).at(-1)).toBe("approval")
    expect(kinds(on("PermissionRequest", call), on("PostToolUse", call)).at(-1)).toBeUndefined()
    expect(kinds(on("Stop", { last_assistant_message: "Done" })).at(-1)).toBe("prompt")
    expect(kinds(on("Stop", { background_tasks: [{}] })).at(-1)).toBeUndefined()
  })

  it("reads the answer from displayed messages, or from the stop event if it wasn't displayed", () => {
    const shown = on("MessageDisplay", { message_id: "m1", index: 0, final: true, delta: "Done" })
    const stop = on("Stop", { last_assistant_message: "Done" })
    const answers = (...events: object[]) =>
      turnsOf(replay(prompt("Go"), ...events)).filter(({ kind }) => kind === "model")
    expect(answers(shown, stop)).toHaveLength(1)
    expect(answers(stop)).toMatchObject([{ message: "Done" }])
  })

  it("records an event once if several hooks deliver it", () => {
    expect(turnsOf(replay(prompt("Go"), prompt("Go")))).toHaveLength(1)
  })

  it("gives sub-agents their own runs, but ignores the end of agents that never started", () => {
    const agent = { agent_id: "a1", agent_type: "Explore" }
    const operations = replay(
      prompt("Go"),
      on("SubagentStart", agent),
      on("PostToolUse", { ...call, ...agent }),
      on("SubagentStop", { ...agent, last_assistant_message: "Found" }),
      on("SubagentStop", { agent_id: "compaction", agent_type: "" }),
    )
    const keys = new Set(operations.map(({ key }) => key))
    expect(keys).toEqual(new Set([KEY, `${KEY}/a1`]))
    expect(operations.find(({ op, key }) => op === "start" && key !== KEY)).toMatchObject({
      parent: { key: KEY },
    })
    expect(operations.at(-1)).toMatchObject({ op: "end", key: `${KEY}/a1`, summary: "Found" })
  })

  it("ends the run with the session", () => {
    const end = (...events: object[]) => replay(prompt("Go"), ...events, on("SessionEnd")).at(-1)
    expect(end(on("Stop", { last_assistant_message: "Done" }))).toMatchObject({
      op: "end",
      status: "done",
      summary: "Done",
    })
    expect(end()).toMatchObject({ status: "give_up" })
    expect(end(on("StopFailure", { error: "authentication_failed" }))).toMatchObject({ status: "failure" })
  })

  it("names a worktree's session after its project", () => {
    const [start] = replay({ ...prompt("Go"), cwd: "/home/ada/shop/.claude/worktrees/feature-x" })
    expect(start).toMatchObject({ agent_id: "claude-code/shop" })
  })

  it("ignores what isn't an event", () => {
    const reducer = claudeCodeHooksReducer(SESSION, TEST_OPTIONS)
    for (const event of [null, 1, "x", [], {}, { hook_event_name: "constructor" }])
      expect(() =>
        reducer.reduce(reducer.initial(), { event, at: "2026-03-01T00:00:00.000Z" }, 0),
      ).not.toThrow()
  })

  it("drops an impossible duration and keeps the call", () => {
    const turns = turnsOf(replay(on("PostToolUse", { ...call, duration_ms: 1e300, tool_response: "ok" })))
    expect(turns).toMatchObject([{ kind: "tool", tool: "Bash", output: "ok" }])
    expect(turns[0]).not.toHaveProperty("duration_ms")
  })

  it("waits for an answer while an MCP server asks the user", () => {
    const dialog = { notification_type: "elicitation_dialog", message: "Which account?" }
    const operations = replay(prompt("Fix it"), on("Notification", dialog))
    expect(operations.at(-1)).toMatchObject({
      op: "wait",
      waiting: { for: "Which account?", kind: "answer" },
    })
  })
})
