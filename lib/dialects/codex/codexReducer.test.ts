import { describe, expect, it } from "vitest"
import { replaySession, TEST_OPTIONS } from "@/lib/dialects/testing/replaySession"
import { codexReducer } from "./codexReducer"

const THREAD = "thread-1"
const identity = { key: `codex:${THREAD}`, session: THREAD }
const replay = (...inputs: object[]) => replaySession(codexReducer(identity, TEST_OPTIONS), inputs)

let clock = 0
const record = (type: string, payload: object) => ({
  timestamp: new Date(Date.UTC(2026, 2, 1) + ++clock * 1000).toISOString(),
  type,
  payload,
})
const event = (type: string, fields: object = {}) => record("event_msg", { type, ...fields })
const item = (type: string, fields: object = {}) => record("response_item", { type, ...fields })
const meta = (more: object = {}) =>
  record("session_meta", {
    id: THREAD,
    cwd: "/home/ada/shop",
    cli_version: "0.171.0",
    source: "exec",
    ...more,
  })
const prompt = (text: string, kinds: string[] = ["user.text"]) =>
  item("message", {
    role: "user",
    content: [{ type: "input_text", text }],
    internal_chat_message_metadata_passthrough: { content_item_kinds: kinds },
  })
const answer = (text: string) =>
  item("message", { role: "assistant", content: [{ type: "output_text", text }] })
const call = (id: string, name = "exec_command", args: object = { cmd: "make" }) =>
  item("function_call", { call_id: id, name, arguments: JSON.stringify(args) })
const output = (id: string, text: unknown) => item("function_call_output", { call_id: id, output: text })
const usage = (responseId: string) =>
  record("token_usage_record", {
    thread_id: THREAD,
    response_id: responseId,
    usage: { input_tokens: 100, cached_input_tokens: 60, output_tokens: 9, reasoning_output_tokens: 4 },
  })
const ended = { kind: "ended", died: false }

describe("codexReducer", () => {
  it("completes an answer when its token usage is known", () => {
    const { start, turns } = replay(
      meta({ git: { branch: "main" } }),
      record("turn_context", { model: "gpt-x", approval_policy: "never" }),
      prompt("<environment_context>…</environment_context>", ["environments.environment_context"]),
      prompt("Fix it"),
      item("reasoning", { summary: [{ type: "summary_text", text: "Think." }] }),
      answer("I look."),
      call("call_1"),
      usage("r1"),
      output("call_1", "Chunk ID: 1\nProcess exited with code 1\nOutput:\nfailed"),
    )
    expect(start).toMatchObject({
      agent_id: "codex/shop",
      intent: "Fix it",
      labels: { project: "~/shop", branch: "main", version: "0.171.0", model: "gpt-x" },
    })
    expect(turns.map(({ kind }) => kind)).toEqual(["human", "model", "tool"])
    expect(turns[1]).toMatchObject({
      message: "I look.",
      thinking: "Think.",
      model: "gpt-x",
      response_id: "r1",
      usage: { input_tokens: 100, cached_input_tokens: 60, output_tokens: 9, reasoning_tokens: 4 },
    })
    expect(turns[2]).toMatchObject({
      tool: "exec_command",
      parameters: { cmd: "make" },
      exit_code: 1,
      call_id: "call_1",
    })
    expect(turns[2]?.error).toBeUndefined()
  })

  it("counts repeated token totals of older versions once, and records the answer before its results", () => {
    const total = (tokens: number) => ({
      info: {
        total_token_usage: { total_tokens: tokens },
        last_token_usage: { input_tokens: tokens, output_tokens: 1 },
      },
    })
    const { turns } = replay(
      meta({ cli_version: "0.120.0" }),
      item("message", { role: "user", content: [{ type: "input_text", text: "Fix it" }] }),
      event("user_message", { message: "Fix it" }),
      answer("I look."),
      event("agent_message", { message: "I look." }),
      call("call_1"),
      output("call_1", JSON.stringify({ output: "ok", metadata: { exit_code: 0 } })),
      event("token_count", total(50)),
      event("token_count", total(50)),
      answer("Done."),
      event("token_count", total(90)),
    )
    expect(turns.map(({ kind }) => kind)).toEqual(["human", "model", "tool", "model"])
    expect(turns[2]).toMatchObject({ output: "ok", exit_code: 0 })
    expect(turns.filter((turn) => turn.usage)).toHaveLength(2)
  })

  it("records commands within a script as separate turns", () => {
    const { turns } = replay(
      meta(),
      prompt("Go"),
      item("custom_tool_call", { call_id: "call_1", name: "exec", input: "await tools.exec_command()" }),
      usage("r1"),
      event("item_completed", {
        thread_id: THREAD,
        item: {
          type: "CommandExecution",
          id: "exec-1",
          parsed_cmd: [{ cmd: "ls" }],
          aggregated_output: "a b",
          exit_code: 0,
          duration: { secs: 1, nanos: 500_000_000 },
        },
      }),
      item("custom_tool_call_output", {
        call_id: "call_1",
        output: [{ type: "input_text", text: "Script completed" }],
      }),
    )
    expect(turns.slice(2)).toMatchObject([
      {
        kind: "tool",
        tool: "exec_command",
        path: ["exec"],
        parameters: { cmd: "ls" },
        exit_code: 0,
        duration_ms: 1500,
      },
      { kind: "tool", tool: "exec", output: "Script completed" },
    ])
  })

  it("merges a command's item into the call with the same id", () => {
    const { turns } = replay(
      meta(),
      prompt("Go"),
      call("call_1"),
      usage("r1"),
      event("item_completed", { item: { type: "CommandExecution", id: "call_1", exit_code: 3 } }),
      output("call_1", "out"),
    )
    expect(turns.slice(2)).toMatchObject([{ tool: "exec_command", exit_code: 3 }])
  })

  it("ignores items of other threads", () => {
    const other = { item: { type: "CommandExecution", id: "exec-9", exit_code: 0 }, thread_id: "other" }
    expect(replay(meta(), prompt("Go"), event("item_completed", other)).turns).toHaveLength(1)
  })

  it("distinguishes refusals from interruptions", () => {
    const turnsOf = (policy: string, args: object) =>
      replay(
        meta(),
        record("turn_context", { approval_policy: policy }),
        prompt("Go"),
        call("call_1", "exec_command", args),
        usage("r1"),
        output("call_1", "aborted by user after 3.2s"),
        event("turn_aborted", { reason: "interrupted" }),
      ).turns
    const asked = { cmd: "git push", sandbox_permissions: "require_escalated" }
    expect(turnsOf("on-request", asked)[2]).toMatchObject({
      policy_rejected: true,
      attributes: { denied_by: "user" },
    })
    const interrupted = turnsOf("never", { cmd: "sleep 9" })[2]
    expect(interrupted).toMatchObject({ error: { type: "interrupted" } })
    expect(interrupted?.policy_rejected).toBeUndefined()
    const { turns } = replay(
      meta(),
      prompt("Go"),
      call("call_1"),
      usage("r1"),
      output("call_1", "approval policy is Never; reject command"),
    )
    expect(turns[2]?.attributes).toEqual({ denied_by: "policy" })
  })

  it("links spawned threads, records their task and ends them", () => {
    const { operations, turns } = replay(
      meta(),
      prompt("Go"),
      call("call_1", "spawn_agent", { message: "Search the code" }),
      usage("r1"),
      event("item_completed", {
        item: { type: "SubAgentActivity", id: "call_1", kind: "started", agent_thread_id: "child" },
      }),
      output("call_1", "{}"),
      event("item_completed", {
        item: { type: "SubAgentActivity", id: "x", kind: "completed", agent_thread_id: "child" },
      }),
    )
    expect(operations).toContainEqual({ op: "update", key: "codex:child", intent: "Search the code" })
    expect(turns.at(-1)).toMatchObject({ kind: "agent", tool: "spawn_agent", child: "codex:child" })
    expect(operations).toContainEqual(expect.objectContaining({ op: "end", key: "codex:child" }))
  })

  it("starts a sub-agent's run below its parent's", () => {
    const { start, turns } = replay(
      meta({ parent_thread_id: "parent", session_id: "parent", agent_path: "/root/search" }),
      item("agent_message", { content: [{ type: "input_text", text: "Type: NEW_TASK\nPayload:\nSearch" }] }),
      answer("Found."),
      usage("r1"),
    )
    expect(start).toMatchObject({
      intent: "Search",
      parent: { key: "codex:parent" },
      labels: { session: "parent" },
    })
    expect(turns).toMatchObject([{ kind: "model", prompt: "Search", message: "Found." }])
  })

  it("names the thread that a fork continues", () => {
    const { start } = replay(meta({ forked_from_id: "origin" }), prompt("Go"))
    expect(start?.continues).toBe("codex:origin")
  })

  it.each([
    ["done", [event("task_complete", { last_agent_message: "Done" }), ended], "Done"],
    ["failure", [event("task_complete", { error: { message: "quota" } }), ended], "quota"],
    ["failure", [call("call_1"), ended], "The process died while exec_command was running"],
    ["give_up", [event("turn_aborted", { reason: "interrupted" }), ended], "Interrupted by the user"],
  ])("ends as %s", (status, inputs, summary) => {
    expect(replay(meta(), event("task_started"), prompt("Go"), ...inputs).end).toMatchObject({
      status,
      summary,
    })
  })

  it("waits for a prompt while the process is alive and no task is open", () => {
    const alive = { kind: "process", status: "busy" }
    const open = replay(meta(), event("task_started"), prompt("Go"), alive)
    expect(open.waiting).toBeNull()
    const idle = replay(meta(), event("task_started"), prompt("Go"), alive, event("task_complete"))
    expect(idle.waiting).toMatchObject({ kind: "prompt" })
  })

  it("treats a one-shot process as ended after its task", () => {
    const reducer = codexReducer(identity, TEST_OPTIONS)
    let state = reducer.initial()
    for (const each of [meta(), event("task_started"), prompt("Go")])
      state = reducer.reduce(state, { kind: "record", record: each }, 0).state
    expect(reducer.isOver(state)).toBe(false)
    state = reducer.reduce(state, { kind: "record", record: event("task_complete") }, 0).state
    expect(reducer.isOver(state)).toBe(true)
  })

  it("records calls of unknown types, with the answer that made them", () => {
    const { turns } = replay(
      meta(),
      prompt("Go"),
      item("mcp_tool_call", { call_id: "c1", name: "look", arguments: "{}" }),
      usage("r1"),
      item("mcp_tool_call_output", { call_id: "c1", output: "seen" }),
      item("file_search_call", { id: "f1", status: "completed" }),
      usage("r2"),
      ended,
    )
    expect(turns).toMatchObject([
      { kind: "human" },
      { kind: "model", attributes: { tool_calls: [{ id: "c1", name: "look" }] } },
      { tool: "look", output: "seen", call_id: "c1" },
      { kind: "model", attributes: { tool_calls: [{ id: "f1", name: "file_search" }] } },
      { tool: "file_search", call_id: "f1" },
    ])
  })

  it("names the images of a prompt, and records a prompt with images only once", () => {
    const content = [
      { type: "input_text", text: "<image name=[Image #1]>" },
      { type: "input_image", image_url: "data:image/png;base64,aGVsbG8=" },
      { type: "input_text", text: "</image>" },
    ]
    const words = { type: "input_text", text: "What is this?" }
    const { turns } = replay(
      meta(),
      item("message", { role: "user", content: [...content, words] }),
      event("user_message", { message: "What is this?", images: ["…"] }),
    )
    expect(turns).toMatchObject([{ kind: "human", prompt: "[image/png, 6 bytes]\nWhat is this?" }])
    expect(replay(meta(), item("message", { role: "user", content })).turns).toMatchObject([
      { prompt: "[image/png, 6 bytes]" },
    ])
  })

  it("marks a tool of an MCP server as failed, which its output doesn't say", () => {
    const text = [{ type: "text", text: "no such file" }]
    const reports = [
      event("mcp_tool_call_end", { call_id: "c1", result: { Err: "tool call error" } }),
      event("mcp_tool_call_end", { call_id: "c1", result: { Ok: { content: text, is_error: true } } }),
      event("item_completed", { item: { type: "McpToolCall", id: "c1", status: "failed" } }),
    ]
    for (const record of reports) {
      const { turns } = replay(
        meta(),
        prompt("Go"),
        call("c1", "fs__read"),
        usage("r1"),
        record,
        output("c1", "no"),
      )
      expect(turns[2]).toMatchObject({ tool: "fs__read", output: "no", error: { message: "no" } })
    }
    const fine = event("mcp_tool_call_end", {
      call_id: "c1",
      result: { Ok: { content: text, is_error: false } },
    })
    const { turns } = replay(
      meta(),
      prompt("Go"),
      call("c1", "fs__read"),
      usage("r1"),
      fine,
      output("c1", "ok"),
    )
    expect(turns[2]).not.toHaveProperty("error")
  })
})
