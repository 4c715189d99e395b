import fc from "fast-check"
import { expect, test } from "vitest"
import { searchTerms } from "@/lib/trace/search/searchTerms"
import { findMatches } from "./findMatches"

const found = (text: string, query: string) =>
  findMatches(text, searchTerms(query)).map(({ from, to }) => text.slice(from, to))

test("finds every term, ignoring case, including in code and other scripts", () => {
  expect(found("Error: ERROR in error.ts", "error")).toEqual(["Error", "ERROR", "error"])
  expect(found("a.b(c) [x] $1", "b(c) [x] $1")).toEqual(["b(c)", "[x]", "$1"])
  expect(found("http://a-b.c/d?e=1&f#g", "http://a-b.c/d?e=1&f#g")).toHaveLength(1)
  expect(found("数据库连接失败", "连接")).toEqual(["连接"])
  expect(found("cancellation cancel", "cancel cancellation")).toEqual(["cancellation", "cancel"])
  expect(found("nothing", "x")).toEqual([])
})

test("limits the number of matches", () => {
  expect(findMatches("a".repeat(10_000), ["a"])).toHaveLength(2_000)
})

test("special characters can be searched for", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1, maxLength: 20 }), (text) => {
      for (const { from, to } of findMatches(text, searchTerms(text))) expect(to).toBeGreaterThan(from)
    }),
  )
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (term) => {
      expect(findMatches(`x${term}y`, [term]).length).toBeGreaterThan(0)
    }),
  )
})
