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

test.each([
  ["one text only", { old_string: "x" }],
  ["texts that aren't strings", { old_string: 1, new_string: 2 }],
  ["edits with more fields", { edits: [{ old_string: "a", new_string: "b", line: 3 }] }],
  ["edits without texts", { edits: [] }],
  ["a list", [{ old_string: "a", new_string: "b" }]],
  ["undefined", undefined],
])("doesn't mistake %s for an edit", (_name, value) => {
  expect(readEdits(value)).toBeUndefined()
})
