import { expect, test } from "vitest"
import { prepareProgress } from "./prepareProgress"

const shown = (parameters: unknown) => prepareProgress({ tool: "write", parameters }).parameters

test("keeps the structure of small parameters", () => {
  expect(shown({ path: "a", lines: [1, 2] })).toEqual({ path: "a", lines: [1, 2] })
})

test.each([
  ["plain text", "words "],
  ["quotes", '"\\'],
  ["control characters", "\u0001"],
  ["characters of four bytes", "🚆"],
])("cuts large parameters full of %s so that their JSON is small", (_, piece) => {
  const text = piece.repeat(40_000)
  const cut = shown(text)
  if (typeof cut !== "string") throw new Error("the parameters weren't cut to a string")
  expect(text.startsWith(cut.slice(0, -1))).toBe(true)
  expect(cut.length).toBeGreaterThan(2_000)
  expect(JSON.stringify(cut).length).toBeLessThanOrEqual(16 * 1024)
  const nested = shown({ content: text })
  expect(typeof nested).toBe("string")
  expect(JSON.stringify(nested).length).toBeLessThanOrEqual(16 * 1024)
})
