import { describe, expect, test } from "vitest"
import { parseIfJson, parseIfStructured, parseJson } from "./json"
import { isTooDeep, limitDepth } from "./limitDepth"

const nested = (levels: number) => `${"[".repeat(levels)}${"]".repeat(levels)}`

describe("limitDepth", () => {
  test("returns a value of ordinary depth unchanged", () => {
    const value = { a: [{ b: [1, null, "text"] }] }
    expect(limitDepth(value)).toBe(value)
  })

  test("replaces what is below 48 levels and keeps its siblings", () => {
    const limited = JSON.stringify(limitDepth({ kept: 1, deep: JSON.parse(nested(100_000)) }))
    expect(limited).toBe(`{"kept":1,"deep":${"[".repeat(47)}"[nested too deeply]"${"]".repeat(47)}}`)
  })

  test("counts levels, not values", () => {
    expect(isTooDeep(JSON.parse(nested(48)))).toBe(false)
    expect(isTooDeep(JSON.parse(nested(49)))).toBe(true)
    expect(isTooDeep(Array.from({ length: 10_000 }, () => [[]]))).toBe(false)
  })
})

test("JSON in a string stays a string if it is nested too deeply", () => {
  const text = nested(50_000)
  expect(parseIfJson(text)).toBe(text)
  expect(parseIfStructured(text)).toBe(text)
  expect(parseJson(text)).toBe(text)
  expect(parseJson("[[1]]")).toEqual([[1]])
})
