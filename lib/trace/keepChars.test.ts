import { expect, test } from "vitest"
import { keepChars, keepLastChars } from "./keepChars"

test("a cut by length is at a character boundary", () => {
  expect(keepChars("a😀b", 2)).toBe("a")
  expect(keepChars("a😀b", 3)).toBe("a😀")
  expect(keepLastChars("a😀b", 2)).toBe("b")
  expect(keepLastChars("a😀b", 3)).toBe("😀b")
  expect(keepChars("ab", 2)).toBe("ab")
})

test("a cut by length never splits an emoji, a flag or an accented letter", () => {
  for (const whole of ["👩‍👩‍👧‍👦", "🇵🇹", "👍🏽", "e\u0301", "❤️"]) {
    const units = whole.length
    for (let max = 1; max < units; max++) {
      expect(keepChars(`${whole}b`, max)).toBe("")
      expect(keepLastChars(`b${whole}`, max)).toBe("")
    }
    expect(keepChars(`${whole}b`, units)).toBe(whole)
    expect(keepLastChars(`b${whole}`, units)).toBe(whole)
  }
})

test("a cut by length is bounded even in a letter with hundreds of combining marks", () => {
  const letter = `Z${"\u0351".repeat(500)}`
  expect(keepChars(letter, 300)).toHaveLength(300)
  expect(keepLastChars(letter, 300).length).toBeLessThanOrEqual(300)
})
