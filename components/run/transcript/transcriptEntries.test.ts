import { describe, expect, test } from "vitest"
import type { RunTurn } from "@/lib/protocol/turn"
import { aStoredTurn } from "@/lib/testing/builders"
import { transcriptEntries } from "./transcriptEntries"

/** Returns a short description of each entry of a turn. */
function entries(fields: Partial<RunTurn>): string[] {
  const turn: RunTurn = {
    ...{ index: 0, recorded_at: "2026-01-01T00:00:00.000Z", kind: "model", verifier_verdict: "not_run" },
    ...fields,
  }
  return transcriptEntries(turn).map((entry) => {
    if (entry.kind === "history") return `${entry.count} earlier`
    if (entry.kind === "text") {
      const { field, value } = entry.content
      const own = value === turn[field] || field === "prompt" ? "" : `: ${String(value)}`
      return `${entry.role} ${field}${own}${entry.isThinking ? " (thinking)" : ""}`
    }
    const { title } = entry
    const text =
      "command" in title
        ? ["$", title.command, title.args].filter(Boolean).join(" ")
        : "tool" in title
          ? `${title.tool}(${title.args})`
          : `(${title.args})`
    const { parameters, output, streams } = entry
    return [entry.role, text, parameters && "+ parameters", output && "+ output", streams && "+ streams"]
      .filter(Boolean)
      .join(" ")
  })
}

describe("transcriptEntries", () => {
  test.each<[string, Partial<RunTurn>, string[]]>([
    [
      "a model turn",
      { prompt: "p", thinking: "t", message: "m" },
      ["human prompt", "model thinking (thinking)", "model message"],
    ],
    ["a model turn whose message is in its output", { output: "m" }, ["model output"]],
    ["a user's turn", { kind: "human", message: "m" }, ["human message"]],
    ["a user's turn with only a prompt", { kind: "human", prompt: "p" }, ["human prompt"]],
    ["a system event", { kind: "system", event: "compaction", message: "m" }, ["system message"]],
    ["a system event without a message", { kind: "system", event: "compaction" }, []],
    [
      "a system event with parameters",
      { kind: "system", event: "model_change", parameters: { provider: "a", model: "b" } },
      ['system (provider: "a", model: "b")'],
    ],
    [
      "a model turn with the request's settings",
      { kind: "model", parameters: { temperature: 0 }, output: "m" },
      ["model output"],
    ],
    ["a model turn with only settings", { kind: "model", parameters: { n: 1 } }, ["model (n: 1)"]],
    [
      "a message that ends with the command",
      {
        ...{ kind: "tool", tool: "bash", parameters: { command: "ls\n" } },
        message: "I look around.\n\n```bash\nls\n```\n",
      },
      ["model message: I look around.", "tool $ ls"],
    ],
    [
      "a message that is only the command",
      { kind: "tool", tool: "bash", parameters: { command: "ls" }, message: "```\nls\n```" },
      ["tool $ ls"],
    ],
    [
      "a message that ends with another code block",
      { kind: "tool", tool: "bash", parameters: { command: "ls" }, message: "Not:\n```\nls -a\n```" },
      ["model message", "tool $ ls"],
    ],
    [
      "a message with text after the command",
      { kind: "tool", tool: "bash", parameters: { command: "ls" }, message: "```\nls\n```\nlists" },
      ["model message", "tool $ ls"],
    ],
    [
      "a tool with a small object and a switch",
      {
        kind: "tool",
        tool: "ask",
        parameters: { all: false, at: { city: "Bern", to: [1] }, q: { n: 1, s: "x" } },
      },
      ['tool ask(at: {…}, q: {n: 1, s: "x"}, all: false) + parameters'],
    ],
    [
      "a tool with a small list",
      { kind: "tool", tool: "ask", parameters: { cities: ["Bern", "Rom"] } },
      ['tool ask(cities: ["Bern", "Rom"])'],
    ],
    [
      "a command",
      { kind: "tool", tool: "bash", parameters: { command: "ls" }, output: "a" },
      ["tool $ ls + output"],
    ],
    [
      "a command with more parameters",
      { kind: "tool", tool: "bash", parameters: { command: "ls", timeout: 5 } },
      ["tool $ ls timeout: 5"],
    ],
    [
      "a command with long other parameters",
      { kind: "tool", tool: "bash", parameters: { command: "ls", stdin: "a\nb" } },
      ['tool $ ls stdin: "a b…" + parameters'],
    ],
    [
      "a command in an `action` parameter",
      { kind: "tool", tool: "curl", parameters: { action: "curl http://a\n" } },
      ["tool $ curl http://a"],
    ],
    [
      "an output that only repeats the error",
      { kind: "tool", tool: "read", output: "no such file\n", error: { message: "no such file" } },
      ["tool read()"],
    ],
    [
      "a command whose standard error came with the exit code",
      {
        kind: "tool",
        tool: "bash",
        output: "a\n",
        cli_outcome: { exit_code: 1, stdout: "a", stderr: "bad" },
      },
      ["tool bash() + output + streams"],
    ],
    [
      "a command whose streams are all in its output",
      { kind: "tool", tool: "bash", output: "a\nbad\n", cli_outcome: { stdout: "a", stderr: "bad" } },
      ["tool bash() + output"],
    ],
    [
      "a command as a list",
      { kind: "tool", tool: "shell", parameters: { command: ["bash", "-lc", "ls"] } },
      ["tool $ bash -lc ls"],
    ],
    [
      "a tool",
      { kind: "tool", tool: "read", parameters: { path: "a.ts", limit: 10 }, output: "x" },
      ['tool read(path: "a.ts", limit: 10) + output'],
    ],
    [
      "a tool with long parameters",
      { kind: "tool", tool: "write", parameters: { text: "x\ny" } },
      ["tool write() + parameters"],
    ],
    [
      "a tool with a long path",
      { kind: "tool", tool: "read", parameters: { path: `/${"a/".repeat(60)}b.ts`, limit: 1 } },
      [`tool read(path: "/${"a/".repeat(60)}b.ts", limit: 1)`],
    ],
    [
      "an edit, whose texts are shown as a diff",
      { kind: "tool", tool: "edit", parameters: { path: "a.ts", old_string: "x", new_string: "y" } },
      ['tool edit(path: "a.ts") + parameters'],
    ],
    ["a tool without parameters", { kind: "tool", tool: "now", output: "12:00" }, ["tool now() + output"]],
    [
      "a tool call after a message",
      { kind: "tool", tool: "bash", prompt: "p", message: "m", parameters: { command: "ls" } },
      ["human prompt", "model message", "tool $ ls"],
    ],
    [
      "a sub-agent",
      { kind: "agent", tool: "research", prompt: "task", output: "found" },
      ["agent prompt", "agent research() + output"],
    ],
    ["an empty turn", { message: "  ", output: "" }, []],
    [
      "a command field of another tool",
      { kind: "tool", tool: "editor", parameters: { command: "view", path: "a" } },
      ['tool editor(command: "view", path: "a")'],
    ],
  ])("splits %s", (_name, fields, expected) => {
    expect(entries(fields)).toEqual(expected)
  })
})

describe("messages in a prompt", () => {
  const user = (content: string) => ({ role: "user", content })
  const call = { role: "assistant", content: null, tool_calls: [{ id: "c", function: { name: "f" } }] }

  test.each<[string, unknown, string[]]>([
    ["have their authors", [{ role: "system", content: "s" }, user("u")], ["system prompt", "human prompt"]],
    [
      "of earlier turns are only counted",
      [user("u"), call, { role: "tool", content: "r" }],
      ["2 earlier", "tool prompt"],
    ],
    ["that end with an answer are only counted", [user("u"), call], ["2 earlier"]],
    ["of a request are found", { model: "m", messages: [user("u")] }, ["human prompt"]],
    [
      "of Anthropic with results are the tool's",
      [
        user("u"),
        { role: "assistant", content: "a" },
        { role: "user", content: [{ type: "tool_result", content: "r" }] },
      ],
      ["2 earlier", "tool prompt"],
    ],
    ["can be data", [{ id: 1 }], ["human prompt"]],
    ["can be a request with a text", { model: "m", contents: "u" }, ["human prompt"]],
    ["can be a request with instructions", { prompt: "u", system: "s" }, ["system prompt", "human prompt"]],
    ["can be a request with tools", { prompt: "u", tools: ["a"] }, ["human prompt"]],
  ])("%s", (_name, prompt, expected) => {
    expect(entries({ prompt: JSON.stringify(prompt) })).toEqual(expected)
  })

  test("are shown as their content if they have no fields except the role", () => {
    const parts = [{ type: "tool_call_response", id: "c", response: "r" }]
    const prompt = JSON.stringify([{ role: "tool", parts }])
    expect(transcriptEntries(aStoredTurn(0, { kind: "model", prompt }))).toMatchObject([
      { role: "tool", content: { value: parts } },
      {},
    ])
  })

  test("can be a request, which is shown as its text if it has no other fields that matter", () => {
    const turn = aStoredTurn(0, { kind: "model", prompt: '{"prompt":"u","model":"m"}' })
    expect(transcriptEntries(turn)).toMatchObject([{ role: "human", content: { value: "u" } }, {}])
    const other = aStoredTurn(0, { kind: "model", prompt: '{"prompt":"u","tools":["a"]}' })
    expect(transcriptEntries(other)).toMatchObject([
      { content: { value: '{"prompt":"u","tools":["a"]}' } },
      {},
    ])
  })

  test("are shown as their text", () => {
    const turn = aStoredTurn(0, { kind: "model", prompt: JSON.stringify([user("u"), user("v")]) })
    expect(transcriptEntries(turn)).toMatchObject([
      { content: { value: "u" } },
      { content: { value: "v" } },
      {},
    ])
  })
})

test("a call that plans tasks shows them, and its other parameters in the title", () => {
  const plan = [{ step: "Test", status: "completed" }]
  const turn = aStoredTurn(0, {
    kind: "tool",
    tool: "update_plan",
    parameters: { explanation: "First", plan },
  })
  expect(transcriptEntries(turn).at(-1)).toMatchObject({
    kind: "call",
    isOpen: true,
    title: { tool: "update_plan", args: 'explanation: "First"' },
    parameters: { value: { plan } },
  })
})
