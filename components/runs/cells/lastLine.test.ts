import { expect, test } from "vitest"
import { lastLine } from "./lastLine"

test("the last non-empty line is shown", () => {
  expect(lastLine("first\nsecond\n\u200B\n\n")).toBe("second")
  expect(lastLine("\n\n")).toBe("")
})

test("a line without its start begins with an ellipsis", () => {
  expect(lastLine("omeone said", true)).toBe("…omeone said")
  expect(lastLine("omeone said\nand left", true)).toBe("and left")
  expect(lastLine("", true)).toBe("")
})
