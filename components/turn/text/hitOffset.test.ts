import { expect, test } from "vitest"
import { hitOffset } from "./hitOffset"

test("finds the match that the excerpt shows, not the first one", () => {
  const text = `an error\n${"line\n".repeat(200)}another error here`
  const at = text.lastIndexOf("error")
  const excerpt = `…${text.slice(at - 10)}`
  expect(hitOffset(text, { excerpt, ranges: [[11, 16]] }, ["error"])).toBe(at)
  expect(hitOffset(text, { excerpt: "an error", ranges: [[3, 8]] }, ["error"])).toBe(3)
})

test("falls back to the first match, or to undefined", () => {
  const hit = { excerpt: "…red error…", ranges: [[5, 10] as [number, number]] }
  expect(hitOffset("a \u001b[31mred\u001b[0m error", hit, ["error"])).toBe(15)
  expect(hitOffset("nothing", hit, ["error"])).toBeUndefined()
  expect(hitOffset("nothing", { excerpt: "", ranges: [] }, [])).toBeUndefined()
})
