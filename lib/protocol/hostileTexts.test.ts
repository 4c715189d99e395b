import { expect, test } from "vitest"
import { mayHoldExactNumbers, parseExact, stringifyExact } from "./exactNumbers"
import { readTime } from "./tolerance/readTime"
import { asNumber } from "./tolerance/values"

// Each of these strings took minutes to hours with a regular expression of quadratic complexity.
const MIB = 1024 * 1024

test("a long text that is almost a number isn't read as a number", () => {
  for (const text of ["1".repeat(MIB), "1.".repeat(MIB), " ".repeat(MIB)]) {
    expect(asNumber(`${text}x`)).toBeUndefined()
    expect(readTime(`${text}x`)).toBeUndefined()
  }
  expect(asNumber(`${"9".repeat(308)}.5`)).toBeCloseTo(1e308, -300)
  expect(asNumber(" 12.50 ")).toBe(12.5)
})

test("a long text that is almost a time isn't read as a time", () => {
  for (const text of ["Z(", "GMT (", "+00:00(", "2026-01-01 "])
    expect(readTime(text.repeat(MIB))).toBeUndefined()
  expect(readTime("Thu Jan 01 2026 00:00:00 GMT+0000 (Coordinated Universal Time)")).toBe(
    "2026-01-01T00:00:00.000Z",
  )
})

test("texts with marks, numbers, quotes and white space are returned unchanged", () => {
  const mark = "\ue0c5"
  const pieces = [mark, " ", "\n", '"', "\\", ":", `:"${mark}5"`, `,"${mark}`, "1", "-", "e"]
  for (const piece of pieces) {
    const value = { [piece]: mark + piece.repeat(MIB / 4), list: [piece.repeat(MIB / 4) + mark] }
    const text = stringifyExact(value)
    mayHoldExactNumbers(text)
    expect(parseExact(text)).toEqual(value)
  }
})
