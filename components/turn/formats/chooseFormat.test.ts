import { describe, expect, test } from "vitest"
import { parseExact } from "@/lib/protocol/exactNumbers"
import { chooseFormat, isDataImage, printJson } from "./chooseFormat"
import { CHUNK_CHARS, charsOfLines, cutText } from "./cutText"
import { readDiff } from "./diff/readDiff"

const first = (value: unknown, leaning?: "markdown" | "text") => chooseFormat(value, leaning).forms[0]

describe("chooseFormat", () => {
  test.each([
    ["an object", { a: 1 }, "json"],
    ["JSON text", ' {"a": [1, 2]} ', "json"],
    ["rows of flat objects", [{ a: 1 }, { a: 2, b: "x" }], "table"],
    ["rows that nest", [{ a: { b: 1 } }, { a: 2 }], "json"],
    ["colours", "\u001b[31mFAIL\u001b[0m", "terminal"],
    ["a diff", "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b", "diff"],
    ["Markdown", "# Title\n\ntext\n\n```ts\nx\n```", "markdown"],
    ["prose", "two lines\nof words", "text"],
    ["broken JSON", '{"a": ', "text"],
    ["a number", 12, "text"],
    ["nothing", null, "text"],
    ["an inline picture", "data:image/png;base64,iVBORw0KGgo=", "image"],
    ["an inline SVG, which may run scripts", "data:image/svg+xml;base64,PHN2Zz4=", "text"],
  ])("%s is shown by what it is", (_name, value, form) => {
    expect(first(value)).toBe(form)
  })

  test("a message leans to Markdown", () => {
    expect(first("hello", "markdown")).toBe("markdown")
  })

  test("only inline pictures count as images", () => {
    expect(isDataImage("https://evil.example/x.png")).toBe(false)
  })
})

test("a diff's lines are numbered on both sides", () => {
  const lines = readDiff("--- a/x\n+++ b/x\n@@ -10,2 +20,3 @@ f\n same\n-old\n+new\n+more")
  expect(lines.slice(3)).toEqual([
    { kind: "same", text: " same", before: 10, after: 20 },
    { kind: "removed", text: "-old", before: 11 },
    { kind: "added", text: "+new", after: 21 },
    { kind: "added", text: "+more", after: 22 },
  ])
})

test("a cut prefers a line's end and never splits a character", () => {
  expect(cutText("aaaa\nbbbb", 5)).toBe("aaaa\n")
  expect(cutText("ab😀", 3)).toBe("ab")
  expect(cutText("ab", 3)).toBe("ab")
})

test("the first lines of a text are counted in characters, never more than a chunk and never none", () => {
  expect(charsOfLines("a\nbc\nd\n", 2)).toBe(5)
  expect(charsOfLines("a\nb", 9)).toBe(CHUNK_CHARS)
  expect(charsOfLines("\n".repeat(10), 1)).toBe(1)
  expect(charsOfLines("", 3)).toBe(CHUNK_CHARS)
})

test("numbers beyond 2^53 are shown and copied with all their digits", () => {
  const value = parseExact('{"id":1610521604143693812,"list":[9007199254740993]}')
  expect(chooseFormat(value).text).toBe(
    '{\n  "id": 1610521604143693812,\n  "list": [\n    9007199254740993\n  ]\n}',
  )
  expect(chooseFormat(parseExact("9007199254740993"))).toEqual({ forms: ["text"], text: "9007199254740993" })
  const { json } = chooseFormat('{"id":1610521604143693812}')
  expect(printJson(json)).toBe('{\n  "id": 1610521604143693812\n}')
})
