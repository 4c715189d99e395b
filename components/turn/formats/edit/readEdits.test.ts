import { expect, test } from "vitest"
import { readEdits } from "./readEdits"

test.each([
  [
    "Claude Code",
    { file_path: "a", old_string: "x", new_string: "y", replace_all: false },
    { file_path: "a", replace_all: false },
  ],
  [
    "Anthropic's text editor",
    { command: "str_replace", path: "a", old_str: "x", new_str: "y" },
    { command: "str_replace", path: "a" },
  ],
  ["pi", { path: "a", oldText: "x", newText: "y" }, { path: "a" }],
])("reads an edit of %s", (_name, value, rest) => {
  expect(readEdits(value)).toEqual({ edits: [{ from: "x", to: "y" }], rest })
})

test("reads several edits of one file", () => {
  const edits = [
    { old_string: "a", new_string: "b" },
    { old_string: "c", new_string: "" },
  ]
  expect(readEdits({ file_path: "f", edits })).toEqual({
    edits: [
      { from: "a", to: "b" },
      { from: "c", to: "" },
    ],
    rest: { file_path: "f" },
  })
})

test("keeps the flags of several edits, if any is set", () => {
  const edits = [
    { old_string: "a", new_string: "b", replace_all: true },
    { old_string: "c", new_string: "d" },
  ]
  expect(readEdits({ edits })?.rest).toEqual({ edits: [{ replace_all: true }, {}] })
  const chunks = [{ TargetContent: "a", ReplacementContent: "b", AllowMultiple: false }]
  expect(readEdits({ TargetFile: "f", ReplacementChunks: chunks })).toEqual({
    edits: [{ from: "a", to: "b" }],
    rest: { TargetFile: "f" },
  })
})

test.each([
  ["Cline", "------- SEARCH\nconst a = 1\n=======\nconst a = 2\n+++++++ REPLACE"],
  [
    "Roo Code",
    "<<<<<<< SEARCH\n:start_line:1\n-------\nconst a = 1\n=======\nconst a = 2\n>>>>>>> REPLACE\n",
  ],
])("reads searched and replaced text of %s", (_name, diff) => {
  expect(readEdits({ path: "a", diff })).toEqual({
    edits: [{ from: "const a = 1\n", to: "const a = 2\n" }],
    rest: { path: "a" },
  })
})

test("reads texts with common names if they are code or the file is named", () => {
  expect(readEdits({ file: "a", before: "x", after: "y" })?.edits).toEqual([{ from: "x", to: "y" }])
  expect(readEdits({ original: "x\n", updated: "y\n" })?.edits).toHaveLength(1)
})

test.each([
  ["one text only", { old_string: "x" }],
  ["texts that aren't strings", { old_string: 1, new_string: 2 }],
  ["edits with more fields", { edits: [{ old_string: "a", new_string: "b", line: 3 }] }],
  ["cursors", { before: "abc", after: "def" }],
  ["a conflict of git", { content: "<<<<<<< HEAD\na\n=======\nb\n>>>>>>> feature\n" }],
  ["text around a block", { text: "so:\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n" }],
  ["edits without texts", { edits: [] }],
  ["a list", [{ old_string: "a", new_string: "b" }]],
  ["undefined", undefined],
])("doesn't mistake %s for an edit", (_name, value) => {
  expect(readEdits(value)).toBeUndefined()
})
