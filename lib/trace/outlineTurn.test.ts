import { expect, test } from "vitest"
import type { TurnBody } from "@/lib/protocol/turn"
import { outlineTurn } from "./outlineTurn"

const title = (more: Partial<TurnBody>) =>
  outlineTurn({ kind: "model", verifier_verdict: "not_run", ...more }).title

test("a tool's title is its name and the first line of its first text argument, or else its first other argument with its name", () => {
  expect(title({ tool: "Bash", parameters: { command: "\n  ls -la\ncd .." } })).toBe("Bash ls -la")
  expect(title({ tool: "Edit", parameters: { opts: { a: 1 }, line: 3 } })).toBe("Edit line: 3")
  expect(title({ tool: "Edit", parameters: { all: false, file: "a.ts" } })).toBe("Edit a.ts")
  expect(title({ tool: "Now" })).toBe("Now")
  expect(title({ tool: "Wait", parameters: { forever: false } })).toBe("Wait forever: false")
  expect(title({ tool: "Todo", parameters: { todos: [{ content: "a" }, {}] } })).toBe("Todo todos: [2] a")
  const todos = [
    { id: "1", content: "Read it", status: "completed" },
    { id: "2", content: "Fix it now", status: "in_progress" },
  ]
  expect(title({ tool: "Todo", parameters: { todos } })).toBe("Todo todos: [2] Fix it now")
  expect(title({ tool: "shell", parameters: { command: ["bash", "-lc", "ls"] } })).toBe("shell bash -lc ls")
})

test("the title of a script is its first meaningful line", () => {
  const run = (command: string | string[]) =>
    title({ tool: "sh", parameters: { command } }).slice("sh ".length)
  expect(run("bash -c '\n  set -euo pipefail\n  cd /app\n  make test\n'")).toBe("make test")
  expect(run("bash <<'EOF'\nls\nEOF")).toBe("ls")
  expect(run("#!/bin/sh\ncd /app && \\\n  make")).toBe("make")
  expect(run("source .venv/bin/activate &&\npytest")).toBe("pytest")
  expect(run('python3 -c "\nprint(1)\n"')).toBe('python3 -c " print(1)')
  expect(run("git commit -m \"$(cat <<'EOF'\nFix it\nEOF\n)\"")).toBe("git commit -m \"$(cat <<'EOF' Fix it")
  expect(run("sed -i 's/a/b/' \\\n  a.txt")).toBe("sed -i 's/a/b/' a.txt")
  expect(run("cat > a.py <<'EOF'\nimport os\nEOF")).toBe("cat > a.py <<'EOF'")
  expect(run(["bash", "-lc", "cd /app\nmake"])).toBe("make")
  expect(run(["bash", "-lc", "cd /app && make"])).toBe("bash -lc cd /app && make")
  expect(run("# Run the tests\nmake test")).toBe("# Run the tests")
  expect(run("cd /app\n")).toBe("cd /app")
  expect(run("bash -c '\n'")).not.toBe("")
})

test("without a tool, the title is the first line of text", () => {
  expect(title({ message: "\n\n First.\nSecond." })).toBe("First.")
  expect(title({ thinking: "hm", prompt: "Do it" })).toBe("hm")
  expect(title({ output: "answer" })).toBe("answer")
  expect(title({ kind: "system", event: "compaction", message: "kept 3" })).toBe("compaction kept 3")
  const parameters = { provider: "anthropic", model: "opus", more: {}, n: 3, m: 4 }
  expect(title({ kind: "system", event: "model_change", parameters })).toBe("model_change anthropic opus 3")
})

test("the title skips meaningless lines, unless there are no others", () => {
  expect(title({ message: "I will:\n1. Read the file" })).toBe("1. Read the file")
  expect(title({ message: "```json\n{}\n```" })).toBe("{}")
  expect(title({ message: "Plan:\n\n---\n", prompt: "Do it" })).toBe("Do it")
  expect(title({ message: "I will:" })).toBe("I will:")
  expect(title({ message: "计划：\n读文件" })).toBe("读文件")
})

test("the title of a message that starts with thinking is what follows the thinking", () => {
  expect(title({ message: `<think>\n${"hm\n".repeat(2_000)}</think>\n\nIt is 4.` })).toBe("It is 4.")
  expect(title({ message: "<think>\nhm\n</think>\n" })).toBe("hm")
  expect(title({ message: "<answer>\n42\n</answer>" })).toBe("42")
})

test.each([
  ["Gemini", { candidates: [{ content: { parts: [{ text: "Spain" }], role: "model" } }] }],
  ["MCP", { messages: [{ role: "user", content: { type: "text", text: "Spain" } }] }],
  ["the Assistants API", { content: [{ type: "text", text: { value: "Spain", annotations: [] } }] }],
  ["the Realtime API", { response: { output: [{ content: [{ transcript: "Spain" }] }] } }],
  ["Semantic Kernel", { Items: [{ $type: "TextContent", Text: "Spain" }] }],
  ["LlamaIndex", { blocks: [{ block_type: "text", text: "Spain" }] }],
])("the title of an output of %s is its text", (_name, output) => {
  expect(title({ output })).toBe("Spain")
})

test("the title of messages and responses in JSON is their text", () => {
  const prompt = JSON.stringify([
    { role: "system", content: "Be brief" },
    { role: "user", content: "2 + 2?" },
  ])
  expect(title({ prompt })).toBe("2 + 2?")
  expect(title({ prompt, output: '{"choices":[{"message":{"content":"4"}}]}' })).toBe("4")
  expect(title({ prompt, output: { content: [{ type: "text", text: "Four" }] } })).toBe("Four")
  expect(title({ prompt: "What is it?", output: "4" })).toBe("What is it?")
  expect(title({ output: '{"n":1}' })).toBe('{"n":1}')
})

test("a title is never empty", () => {
  expect(title({})).toBe("model")
  expect(title({ message: "\u202e\u0000 \n" })).toBe("model")
})

test("a title is one line of at most 160 characters that splits no surrogate pair", () => {
  const long = title({ message: "😀".repeat(200) })
  expect(long.length).toBeLessThanOrEqual(160)
  expect(long).toBe(`${"😀".repeat(79)}…`)
})

test("control, ANSI and bidirectional characters don't reach a title", () => {
  expect(title({ message: "\u001b[31mred\u001b[0m\u0007 \u202egnp.exe\u2066\u200f\u0085x" })).toBe(
    "red gnp.exe x",
  )
  expect(title({ tool: "Ba\u202esh", parameters: { "\u202e": "a\tb" } })).toBe("Bash a b")
})

test("has everything that a row shows, with the tokens added up", () => {
  expect(
    outlineTurn({
      kind: "tool",
      verifier_verdict: "not_run",
      tool: "Bash",
      usage: { input_tokens: 3, output_tokens: 4 },
      error: { message: "no\nat line 7" },
      model: "m",
      exit_code: 2,
      duration_ms: 5,
      cost_usd: 0.5,
      started_at: "2026-01-01T00:00:00.000Z",
      child_run_id: "c",
    }),
  ).toEqual({
    kind: "tool",
    tool: "Bash",
    title: "Bash",
    tokens: 7,
    error: true,
    error_text: "no",
    model: "m",
    exit_code: 2,
    duration_ms: 5,
    cost_usd: 0.5,
    started_at: "2026-01-01T00:00:00.000Z",
    child_run_id: "c",
  })
})

test("the error's text is one line of at most 120 characters", () => {
  const outlined = outlineTurn({
    kind: "tool",
    verifier_verdict: "not_run",
    error: { message: `\n\u001b[31m${"x".repeat(200)}\nmore` },
  })
  expect(outlined.error_text).toBe(`${"x".repeat(119)}…`)
})

test.each([
  ["Exit code 1\nnpm error missing script", "npm error missing script"],
  ["Error:\nno such table", "no such table"],
  ["@@@@@@@@@@@@\n@ HOST CHANGED @\n@@@@@@@@@@@@", "@ HOST CHANGED @"],
  ["<tool_use_error>File does not exist.</tool_use_error>", "File does not exist."],
  ["<error>\nno\n</error>", "no"],
  ['Traceback (most recent call last):\n  File "a.py", line 1, in f\nValueError: bad\n', "ValueError: bad"],
  [
    `Traceback (most recent call last):\n${'  File "a.py"\n'.repeat(500)}ValueError: late`,
    "ValueError: late",
  ],
  ["Exit code 1", "Exit code 1"],
  ["Error: no", "Error: no"],
])("the error's text of %j is %j", (message, text) => {
  const turn: TurnBody = { kind: "tool", verifier_verdict: "not_run", error: { message } }
  expect(outlineTurn(turn).error_text).toBe(text)
})
