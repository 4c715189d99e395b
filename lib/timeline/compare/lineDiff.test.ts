import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { lineDiff } from "./lineDiff"

/** Applies a unified diff, checking its context. */
function applyDiff(from: string, diff: string): string {
  if (diff === "") return from
  const before = from.split("\n")
  const after: string[] = []
  let at = 0
  for (const line of diff.split("\n")) {
    const hunk = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/.exec(line)
    if (hunk !== null) {
      const start = Number(hunk[2]) === 0 ? at : Number(hunk[1]) - 1
      after.push(...before.slice(at, start))
      at = start
    } else if (line.startsWith("+")) after.push(line.slice(1))
    else {
      expect(before[at]).toBe(line.slice(1))
      if (line.startsWith(" ")) after.push(line.slice(1))
      at += 1
    }
  }
  return [...after, ...before.slice(at)].join("\n")
}

describe("lineDiff", () => {
  it("returns nothing for equal texts, and otherwise a diff that turns one text into the other", () => {
    const text = fc
      .array(fc.constantFrom("a", "b", "c", ""), { maxLength: 30 })
      .map((lines) => lines.join("\n"))
    fc.assert(
      fc.property(text, text, (from, to) => {
        expect(lineDiff(from, from)).toBe("")
        expect(applyDiff(from, lineDiff(from, to))).toBe(to)
      }),
      { numRuns: 500 },
    )
  })

  it("shows three lines of context and splits distant changes into hunks", () => {
    const lines = Array.from({ length: 40 }, (_, at) => `line ${at}`)
    const changed = lines.map((line, at) => (at === 5 || at === 30 ? `${line}!` : line))
    const diff = lineDiff(lines.join("\n"), changed.join("\n"))
    expect(diff.match(/^@@/gm)).toHaveLength(2)
    expect(diff.split("\n").slice(0, 9)).toEqual([
      ...["@@ -3,7 +3,7 @@", " line 2", " line 3", " line 4", "-line 5", "+line 5!"],
      ...[" line 6", " line 7", " line 8"],
    ])
  })

  it("compares only the first 4,000 lines, and shows very different texts as replaced", () => {
    const text = (word: string) => Array.from({ length: 20_000 }, (_, at) => `${word} ${at}`).join("\n")
    expect(lineDiff(text("a"), text("b")).split("\n").length).toBe(8_001)
  })
})
