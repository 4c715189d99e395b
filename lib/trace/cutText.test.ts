import fc from "fast-check"
import { expect, test } from "vitest"
import { utf8Bytes } from "@/lib/protocol/bytes"
import { keepChars, keepEnd, keepLastChars, keepStart } from "./cutText"

const text = fc.string({ unit: "grapheme", maxLength: 40 })

test("keepStart returns the longest prefix that fits without splitting a character", () => {
  fc.assert(
    fc.property(text, fc.nat(60), (whole, max) => {
      const kept = keepStart(whole, max)
      expect(whole.startsWith(kept)).toBe(true)
      expect(/[\ud800-\udfff]/u.test(kept)).toBe(false)
      expect(utf8Bytes(kept)).toBeLessThanOrEqual(max)
      const next = [...whole.slice(kept.length)][0]
      if (next !== undefined) expect(utf8Bytes(kept + next)).toBeGreaterThan(max)
    }),
  )
})

test("keepEnd returns the longest suffix that fits without splitting a character", () => {
  fc.assert(
    fc.property(text, fc.nat(60), (whole, max) => {
      const kept = keepEnd(whole, max)
      expect(whole.endsWith(kept)).toBe(true)
      expect(/[\ud800-\udfff]/u.test(kept)).toBe(false)
      expect(utf8Bytes(kept)).toBeLessThanOrEqual(max)
      const before = [...whole.slice(0, whole.length - kept.length)].at(-1)
      if (before !== undefined) expect(utf8Bytes(before + kept)).toBeGreaterThan(max)
    }),
  )
})

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
