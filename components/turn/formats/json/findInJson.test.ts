import { expect, test } from "vitest"
import { childPath, findInJson, valueAt } from "./findInJson"

test("keys and values are found in the order they stand, whatever the case", () => {
  const value = { Name: "x", list: [{ name: 1 }, "my NAME"], other: 2 }
  expect(findInJson(value, "name").hits).toEqual([
    { path: "/Name", text: "x" },
    { path: "/list/0/name", text: "1" },
    { path: "/list/1", text: "my NAME" },
  ])
})

test("hits are capped and the cap is told", () => {
  const found = findInJson(
    Array.from({ length: 500 }, () => "same"),
    "same",
  )
  expect(found.hits).toHaveLength(200)
  expect(found.more).toBe(true)
})

test("a pointer leads back to its value, odd keys included", () => {
  const value = { "a/b": { "~c": [1, 2] } }
  expect(valueAt(value, childPath(childPath(childPath("", "a/b"), "~c"), 1))).toBe(2)
  expect(valueAt(value, "/__proto__/x")).toBeUndefined()
})
