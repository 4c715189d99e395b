import { describe, expect, it } from "vitest"
import { replaySession, TEST_OPTIONS } from "@/lib/dialects/testing/replaySession"
import { claudeCodeReducer } from "./claudeCodeReducer"

const SESSION = "11111111-2222-4333-8444-555555555555"
const identity = { key: `claude-code:${SESSION}`, session: SESSION }
const replay = (...inputs: object[]) => replaySession(claudeCodeReducer(identity, TEST_OPTIONS), inputs)

let clock = 0
const common = () => {
  clock++
  return {
    uuid: `u${clock}`,
    sessionId: SESSION,
    timestamp: new Date(Date.UTC(2026, 2, 1) + clock * 1000).toISOString(),
    cwd: "/home/ada/work/Shop",
    version: "2.1.300",
    gitBranch: "main",
    isSidechain: false,
    entrypoint: "cli",
  }
}
const prompt = (text: string, more: object = {}) => ({
  ...common(),
  type: "user",
  message: { role: "user", content: text },
  ...more,
})
const USAGE = {
  input_tokens: 10,
  cache_read_input_tokens: 200,
  cache_creation_input_tokens: 30,
  output_tokens: 7,
}
const block = (id: string, content: object, stop: string | null = "tool_use", more: object = {}) => ({
  ...common(),
  type: "assistant",
  message: { id, role: "assistant", model: "claude-x", stop_reason: stop, usage: USAGE, content: [content] },
  ...more,
})
const text = (words: string) => ({ type: "text", text: words })
const call = (id: string, name = "Bash", input: object = { command: "make" }) => ({
  type: "tool_use",
  id,
  name,
  input,
})
const result = (id: string, content: unknown, more: object = {}, isError = false) => ({
  ...common(),
  type: "user",
  message: { role: "user", content: [{ type: "tool_result", tool_use_id: id, content, is_error: isError }] },
  ...more,
})
const ended = { kind: "ended", died: false }

describe("claudeCodeReducer", () => {
  it("starts the run at the first prompt, with the session's project, branch and version", () => {
    const { start, turns } = replay({ type: "mode", mode: "normal" }, prompt("Fix the cart"))
    expect(start).toMatchObject({
      key: identity.key,
      agent_id: "claude-code/shop",
      intent: "Fix the cart",
      source: { name: "claude-code", version: "2.1.300", session: SESSION },
      labels: { session: SESSION, project: "~/work/Shop", branch: "main", version: "2.1.300" },
    })
    expect(turns).toMatchObject([{ kind: "human", prompt: "Fix the cart" }])
  })

  it("completes an answer at its first call and counts its usage once", () => {
    const { turns } = replay(
      prompt("Go"),
      block("m1", { type: "thinking", thinking: "First look." }),
      block("m1", text("I look.")),
      block("m1", call("c1")),
      result("c1", "ok"),
      block("m1", call("c2", "Read", { file_path: "a.ts" })),
      result("c2", "text"),
    )
    expect(turns.map(({ kind }) => kind)).toEqual(["human", "model", "tool", "tool"])
    expect(turns[1]).toMatchObject({
      message: "I look.",
      thinking: "First look.",
      response_id: "m1",
      usage: {
        input_tokens: 240,
        cached_input_tokens: 200,
        cache_creation_input_tokens: 30,
        output_tokens: 7,
      },
    })
    expect(turns[2]).toMatchObject({
      tool: "Bash",
      call_id: "c1",
      output: "ok",
      parameters: { command: "make" },
    })
    expect(turns[3]).toMatchObject({ tool: "Read", call_id: "c2" })
  })

  it("turns later text of an answer into a second turn without usage", () => {
    const { turns } = replay(
      prompt("Go"),
      block("m1", call("c1")),
      result("c1", "ok"),
      block("m1", text("And then?"), "end_turn"),
    )
    expect(turns.at(-1)).toMatchObject({ kind: "model", message: "And then?", response_id: "m1" })
    expect(turns.at(-1)?.usage).toBeUndefined()
  })

  it("completes an answer without a stop reason when a record of another kind follows", () => {
    const before = replay(prompt("Go"), block("m1", text("Half"), null))
    expect(before.turns).toHaveLength(1)
    const after = replay(prompt("Go"), block("m1", text("Half"), null), { ...common(), type: "attachment" })
    expect(after.turns.at(-1)).toMatchObject({ kind: "model", message: "Half" })
  })

  it("yields the same turns whether or not a process ends in between", () => {
    const records = [
      prompt("Go"),
      block("m1", text("Half"), null),
      prompt("Again"),
      block("m2", text("Done"), "end_turn"),
    ]
    const [first, second, ...rest] = records
    const turns = replay(...records).turns
    expect(replay(first as object, second as object, ended, ...rest).turns).toEqual(turns)
  })

  it("marks failed and refused calls", () => {
    const { turns } = replay(
      prompt("Go"),
      block("m1", call("c1")),
      result("c1", "Exit code 2\nno rule", {}, true),
      block("m2", call("c2")),
      result("c2", "The user doesn't want to proceed", { toolDenialKind: "user-rejected" }, true),
      block("m3", call("c3")),
      result("c3", "denied", { toolDenialKind: "permission-rule" }, true),
      block("m4", call("c4")),
      result(
        "c4",
        "This command requires approval",
        { toolDenialKind: "user-rejected", permissionDecision: { decision: "reject", source: "config" } },
        true,
      ),
      block("m5", call("c5")),
      result("c5", "This command requires approval", {}, true),
    )
    const tools = turns.filter(({ kind }) => kind === "tool")
    expect(tools[0]).toMatchObject({ exit_code: 2, error: { message: "Exit code 2\nno rule" } })
    expect(tools[0]?.policy_rejected).toBeUndefined()
    expect(tools.slice(1).map(({ attributes }) => attributes?.denied_by)).toEqual([
      "user",
      "rule",
      "policy",
      "policy",
    ])
    expect(tools.slice(1).every(({ policy_rejected }) => policy_rejected)).toBe(true)
  })

  it("links the sub-agent that a call ran, and ends its run with the call's result", () => {
    const { turns, operations } = replay(
      prompt("Go"),
      block("m1", call("c1", "Agent", { prompt: "Search" })),
      result("c1", [{ type: "text", text: "found" }], {
        toolUseResult: { agentId: "a1", status: "completed" },
      }),
    )
    expect(turns.at(-1)).toMatchObject({
      kind: "agent",
      tool: "Agent",
      child: `${identity.key}/a1`,
      output: "found",
    })
    expect(operations).toContainEqual(expect.objectContaining({ op: "end", key: `${identity.key}/a1` }))
  })

  it("uses a sub-agent's task as the run's intent, not as a user's prompt", () => {
    const agent = { key: `${identity.key}/a1`, session: SESSION, agent: "a1", parent: identity.key }
    const { start, turns } = replaySession(claudeCodeReducer(agent, TEST_OPTIONS), [
      prompt("Search", { isSidechain: true }),
      block("m1", text("Found"), "end_turn", { isSidechain: true }),
    ])
    expect(start).toMatchObject({
      intent: "Search",
      parent: { key: identity.key },
      labels: { session: SESSION },
    })
    expect(turns).toMatchObject([{ kind: "model", prompt: "Search", message: "Found" }])
  })

  it("shows compaction, retries and failed calls of the model as system events", () => {
    const { turns, end } = replay(
      prompt("Go"),
      {
        ...common(),
        type: "system",
        subtype: "compact_boundary",
        compactMetadata: { trigger: "auto", preTokens: 9 },
      },
      prompt("Summary of before", { isCompactSummary: true }),
      {
        ...common(),
        type: "system",
        subtype: "api_error",
        error: { formatted: "529 Overloaded" },
        retryAttempt: 1,
      },
      block("e1", text("API Error: 500"), "stop_sequence", { isApiErrorMessage: true }),
      ended,
    )
    expect(turns.slice(1)).toMatchObject([
      { kind: "system", event: "compaction", message: "Summary of before" },
      { kind: "system", event: "api_retry" },
      { kind: "system", event: "api_error", error: { message: "API Error: 500" } },
    ])
    expect(end).toMatchObject({ status: "failure", summary: "API Error: 500" })
  })

  describe("the call that summarizes a conversation", () => {
    const boundary = { type: "system", subtype: "compact_boundary", compactMetadata: { preTokens: 900 } }
    const totals = (input: number, cached: number, created: number, output: number) => ({
      type: "cost-state",
      modelUsage: {
        "claude-x": {
          inputTokens: input,
          cacheReadInputTokens: cached,
          cacheCreationInputTokens: created,
          outputTokens: output,
        },
      },
    })
    const usageOf = (...inputs: object[]) =>
      replay(prompt("Go"), block("m1", text("Done"), "end_turn"), ...inputs).turns.filter(
        ({ event }) => event === "usage",
      )

    it("has a usage turn with the difference between the totals and the tokens of the answers", () => {
      const turns = usageOf(totals(10, 200, 30, 7), { ...common(), ...boundary }, totals(110, 900, 30, 27))
      expect(turns).toMatchObject([
        {
          kind: "system",
          model: "claude-x",
          usage: { input_tokens: 800, cached_input_tokens: 700, output_tokens: 20 },
        },
      ])
    })

    it("has no usage turn without a compaction, with sub-agents, or if the difference is implausibly large", () => {
      expect(usageOf(totals(110, 900, 30, 27))).toEqual([])
      expect(usageOf({ ...common(), ...boundary }, totals(9_000, 900, 30, 27))).toEqual([])
      expect(usageOf({ ...common(), ...boundary }, totals(1, 200, 30, 7))).toEqual([])
      const agent = block("m2", call("c1", "Agent", {}))
      expect(usageOf(agent, { ...common(), ...boundary }, totals(120, 900, 60, 40))).toEqual([])
    })
  })

  it("holds system events from before the first prompt until the run starts", () => {
    const boundary = { ...common(), type: "system", subtype: "compact_boundary" }
    expect(replay(boundary).operations).toEqual([])
    const { operations } = replay(boundary, { ...common(), type: "attachment" }, prompt("Go"))
    expect(operations.slice(0, 3).map(({ op }) => op)).toEqual(["start", "turn", "turn"])
  })

  it("records queued prompts as prompts, and task notifications as system events", () => {
    const { turns } = replay(
      prompt("Go"),
      {
        ...common(),
        type: "attachment",
        attachment: { type: "queued_command", prompt: "And this", commandMode: "prompt" },
      },
      prompt("<task-notification><task-id>a1</task-id></task-notification>", { promptSource: "system" }),
      prompt("<local-command-stdout>x</local-command-stdout>"),
      prompt("hidden", { isMeta: true }),
    )
    expect(turns).toMatchObject([
      { kind: "human", prompt: "Go" },
      { kind: "human", prompt: "And this" },
      { kind: "system", event: "task_notification" },
    ])
  })

  it("skips records that a fork copied from another session, and names that session", () => {
    const copied = prompt("Old", { forkedFrom: { sessionId: "origin", messageUuid: "x" } })
    const { start, turns } = replay(copied, prompt("New"))
    expect(turns).toMatchObject([{ prompt: "New" }])
    expect(start?.continues).toBe("claude-code:origin")
  })

  it("skips records that are older than the file's first queue operation", () => {
    const old = prompt("Old", { entrypoint: "sdk-cli" })
    const queued = { type: "queue-operation", operation: "enqueue", timestamp: common().timestamp }
    const fresh = prompt("New", { entrypoint: "sdk-cli" })
    expect(replay(old, queued, fresh).turns).toMatchObject([{ prompt: "New" }])
    expect(replay(queued, old, fresh).turns).toMatchObject([{ prompt: "New" }])
  })

  it("releases print-mode records after two seconds without a queue operation", () => {
    const reducer = claudeCodeReducer(identity, TEST_OPTIONS)
    let { state } = reducer.reduce(
      reducer.initial(),
      { kind: "record", record: prompt("Go", { entrypoint: "sdk-cli" }) },
      1_000,
    )
    const due = reducer.nextDue?.(state) ?? 0
    expect(due).toBeGreaterThan(1_000)
    const released = reducer.advance?.(state, due)
    state = released?.state ?? state
    expect(released?.operations.map(({ op }) => op)).toContain("turn")
  })

  it("updates the run's title, preferring a custom title to a generated one", () => {
    const { operations } = replay(
      prompt("Go"),
      { type: "ai-title", aiTitle: "Cart" },
      { type: "custom-title", customTitle: "Mine" },
      { type: "ai-title", aiTitle: "Other" },
    )
    const intents = operations.flatMap((each) => (each.op === "update" && each.intent ? [each.intent] : []))
    expect(intents).toEqual(["Cart", "Mine"])
  })

  it("says what the run is waiting for", () => {
    const waits = (waitingFor: string) =>
      replay(prompt("Go"), block("m1", call("c1", "Bash", { command: "git push" })), {
        kind: "process",
        status: "waiting",
        waitingFor,
      }).waiting
    expect(waits("permission prompt")).toEqual({ for: "approval of: Bash git push", kind: "approval" })
    expect(waits("input needed")).toMatchObject({ kind: "answer" })
    const idle = replay(prompt("Go"), { kind: "process", status: "idle" })
    expect(idle.waiting).toMatchObject({ kind: "prompt" })
  })

  it.each([
    ["done", [prompt("Go"), block("m1", text("Done"), "end_turn"), ended], "Done"],
    ["give_up", [prompt("Go"), ended], "The prompt was never answered"],
    ["give_up", [prompt("Go"), prompt("[Request interrupted by user]"), ended], "Interrupted by the user"],
    ["failure", [prompt("Go"), block("m1", call("c1")), ended], "The process died while Bash was running"],
    [
      "failure",
      [prompt("Go"), block("m1", text("x"), "end_turn"), { kind: "ended", died: true }],
      "The process died",
    ],
  ])("ends as %s", (status, inputs, summary) => {
    expect(replay(...inputs).end).toMatchObject({ status, summary })
  })

  it("skips records that it can't read and continues with the next one", () => {
    const odd = [
      null,
      1,
      "x",
      [],
      {},
      { type: "user", uuid: "1" },
      { type: "assistant", uuid: "2", message: { content: [null, 5] } },
    ]
    const inputs = odd.map((record) => ({ kind: "record", record }))
    expect(replay(...inputs, prompt("Go")).turns).toMatchObject([{ prompt: "Go" }])
  })

  it("reads an answer whose content is a string", () => {
    const answer = block("m1", {}, "end_turn")
    const { turns } = replay(prompt("Go"), { ...answer, message: { ...answer.message, content: "Done." } })
    expect(turns).toMatchObject([{ kind: "human" }, { kind: "model", message: "Done." }])
  })

  it("records what the user adds to a tool's result, but not the tool's own reminders", () => {
    const added = { type: "text", text: "Use npm instead" }
    const reminder = { type: "text", text: "<system-reminder>…</system-reminder>" }
    const both = result("c1", "no", {}, true)
    const [block0] = both.message.content
    const withText = (extra: object) => ({ ...both, message: { ...both.message, content: [block0, extra] } })
    const start = [prompt("Fix it"), block("m1", call("c1"))]
    expect(replay(...start, withText(added)).turns.slice(2)).toMatchObject([
      { kind: "tool", call_id: "c1" },
      { kind: "human", prompt: "Use npm instead" },
    ])
    expect(replay(...start, withText(reminder)).turns).toHaveLength(3)
  })
})
