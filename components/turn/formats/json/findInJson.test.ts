import { expect, test } from "vitest"
import { childPath, findInJson, isSmallTree } from "./findInJson"

test("finds keys and values in document order, ignoring case", () => {
  const value = { Name: "x", list: [{ name: 1 }, "my NAME"], other: 2 }
  expect(findInJson(value, "name").hits).toEqual([
    { path: "/Name", text: "x" },
    { path: "/list/0/name", text: "1" },
    { path: "/list/1", text: "my NAME" },
  ])
})

test("limits the number of hits and reports the limit", () => {
  const found = findInJson(
    Array.from({ length: 500 }, () => "same"),
    "same",
  )
  expect(found.hits).toHaveLength(200)
  expect(found.more).toBe(true)
})

test("escapes keys in JSON pointers", () => {
  expect(childPath(childPath(childPath("", "a/b"), "~c"), 1)).toBe("/a~1b/~0c/1")
})

test("tells small values from large and from deep ones", () => {
  const deep = (levels: number): unknown => (levels === 0 ? 1 : { a: deep(levels - 1) })
  expect(isSmallTree({ a: { b: { c: [1, 2, { d: "x" }] } } })).toBe(true)
  expect(isSmallTree(deep(8))).toBe(true)
  expect(isSmallTree(deep(30))).toBe(false)
  expect(isSmallTree({ a: Array.from({ length: 60 }, () => 1) })).toBe(false)
})
