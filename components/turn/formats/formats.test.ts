import { describe, expect, test } from "vitest"
import type { TextHint } from "./Format"
import { formatInput } from "./formatInput"
import { formatsOf } from "./formats"

const ESC = "\u001b"
const PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
const formats = (value: unknown, hint: TextHint = "output") =>
  formatsOf(formatInput(value, hint)).map(({ id }) => id)
const DIFF = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"

describe("the default format", () => {
  test.each([
    ["an object", { a: 1 }, "json"],
    ["JSON text", ' {"a": [1, 2]} ', "json"],
    ["an empty list", [], "json"],
    ["rows of flat objects", [{ a: 1 }, { a: 2, b: "x" }], "table"],
    ["rows in an object", { results: [{ a: 1 }, { a: 2 }], total: 2 }, "table"],
    ["rows with a very long text", [{ a: "x".repeat(3_000) }, { a: "" }], "json"],
    ["CSV, whose text is shown first", "a,b\n1,2\n3,4\n", "text"],
    ["tasks", { todos: [{ content: "Fix", status: "pending" }] }, "todo"],
    [
      "the definition of a tool",
      [{ type: "function", function: { name: "f", parameters: { type: "object", properties: {} } } }],
      "tools",
    ],
    ["nested rows", [{ a: { b: 1 } }, { a: 2 }], "json"],
    ["colors", `${ESC}[31mFAIL${ESC}[0m`, "terminal"],
    ["a progress line", "1%\r2%\r3%\n", "terminal"],
    ["a spinner", "|\b/\b-\b", "terminal"],
    ["CRLF text", "a\r\nb\r\n", "text"],
    ["a diff", `diff --git a/x b/x\n${DIFF}`, "diff"],
    ["a diff without a diff line", DIFF, "diff"],
    ["several files without diff lines", DIFF + DIFF.replaceAll("x", "y"), "diff"],
    ["a diff with CRLF", DIFF.replaceAll("\n", "\r\n"), "diff"],
    ["a patch for apply_patch", "*** Begin Patch\n*** Update File: x\n@@\n-a\n+b\n*** End Patch", "diff"],
    ["hunks without line numbers", "@@\n-def fib(n):\n+def fibonacci(n):\n     return n\n", "diff"],
    [
      "a commit with a long message",
      `commit 3f1c2ab\nAuthor: A\n\n${"    why\n".repeat(30)}\ndiff --git a/x b/x\n${DIFF}`,
      "diff",
    ],
    ["a mention of a commit", "commit 3f1c2ab\nAuthor: A\n\n    why\n", "text"],
    ["a signature", "Hello\n-- \nBob\n+1 234 567\n", "text"],
    ["decorators", "@@ -x\n@@ y\ntext\ntext\n", "text"],
    ["a colored diff", `${ESC}[1m--- a/x${ESC}[m\n`, "terminal"],
    ["a README read by a tool", "     1\t# Title\n     2\t\n     3\t- item", "text"],
    ["Markdown from a tool", "# Title\n\ntext\n\n```ts\nx\n```", "text"],
    ["two lines", "two lines\nof words", "text"],
    ["a list of hyphens", "- a\n- b\n--- c", "text"],
    ["broken JSON", '{"a": ', "text"],
    ["a number", 12, "text"],
    ["null", null, "text"],
    ["an inline image", `data:image/png;base64,${PNG}`, "image"],
    ["an inline SVG, which can run scripts", "data:image/svg+xml;base64,PHN2ZyB4bWxucz0i", "text"],
    ["an image URL", "https://evil.example/x.png", "text"],
    ["streams", { stdout: "x", stderr: "" }, "streams"],
    ["streams as JSON text", '{"stdout":"x","stderr":"y","exit_code":1}', "streams"],
    ["content of MCP", { content: [{ type: "text", text: "x" }] }, "blocks"],
    ["content as JSON text", '[{"type":"text","text":"x"}]', "blocks"],
    ["an object with a text field", { text: "x", other: 1 }, "json"],
    ["an object with an output field", { output: "x" }, "json"],
    ["objects with a type", [{ type: "dog", name: "x" }], "json"],
  ])("of %s", (_name, value, id) => {
    expect(formats(value)[0]).toBe(id)
  })

  test.each([
    ["words", "hello", "markdown"],
    ["prose with a fenced diff", `Two changes:\n\n\`\`\`diff\n${DIFF}\`\`\`\n\n1. **one**`, "markdown"],
    ["prose with an unfenced diff", `I changed this:\n${DIFF}`, "markdown"],
    ["a diff alone", DIFF, "diff"],
    ["JSON", '{"answer": 1}', "json"],
  ])("of a message with %s", (_name, value, id) => {
    expect(formats(value, "prose")[0]).toBe(id)
  })
})

test("offers the source of every value", () => {
  expect(formats([{ type: "text", text: "x" }])).toEqual(expect.arrayContaining(["blocks", "json", "text"]))
  expect(formats({ stdout: "x" })).toEqual(expect.arrayContaining(["streams", "json", "text"]))
  expect(formats("# Title")).toEqual(["text", "terminal", "markdown"])
})
