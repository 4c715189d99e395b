import { expect, test } from "vitest"
import { isSameText } from "./isSameText"

test("texts are the same if they differ only in where they were cut", () => {
  expect(isSameText("no such table", "no such table")).toBe(true)
  expect(isSameText("no such…", "no such table")).toBe(true)
  expect(isSameText("no such table: us…", "no such…")).toBe(true)
  expect(isSameText("no such", "no such table")).toBe(false)
  expect(isSameText("no such…", "not found")).toBe(false)
})
