import { expect, test } from "vitest"
import { readTodos } from "./readTodos"

test.each([
  [
    "Claude Code",
    { todos: [{ content: "Fix", status: "in_progress", activeForm: "Fixing" }] },
    [{ text: "Fix", status: "in_progress", state: "active" }],
    { details: [{ activeForm: "Fixing" }], rest: {} },
  ],
  [
    "Codex",
    { explanation: "First", plan: [{ step: "Test", status: "completed" }] },
    [{ text: "Test", status: "completed", state: "done" }],
    { details: [], rest: { explanation: "First" } },
  ],
  [
    "opencode",
    [{ id: "1", content: "A", status: "cancelled", priority: "low" }],
    [{ text: "A", status: "cancelled", state: "cancelled" }],
    { details: [{ id: "1", priority: "low" }], rest: {} },
  ],
  [
    "a list with flags",
    [{ title: "Milk", done: false }],
    [{ text: "Milk", status: "todo", state: "open" }],
    { details: [], rest: {} },
  ],
])("reads the tasks of %s", (_name, value, items, others) => {
  expect(readTodos(value)).toEqual({ items, ...others })
})

test.each([
  ["rows of data with a status", [{ title: "Order", status: "pending", amount: 12 }]],
  ["another status", [{ title: "Bug", status: "merged" }]],
  ["tasks without text", [{ id: 1, status: "pending" }]],
  ["an empty list", { todos: [] }],
  ["text", "- [ ] a"],
])("leaves %s", (_name, value) => {
  expect(readTodos(value)).toBeUndefined()
})
