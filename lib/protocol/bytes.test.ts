import fc from "fast-check"
import { expect, test } from "vitest"
import { keepEnd, keepStart, utf8Bytes } from "./bytes"

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
