import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type TextPart, textParts } from "./textParts"

const textOf = (parts: readonly TextPart[]) =>
  parts.map((part) => (part.kind === "text" ? part.text : "<gap>")).join("")

describe("textParts", () => {
  test("shows a short text in full", () => {
    expect(textParts("a\nb", undefined, false)).toEqual([
      { kind: "text", text: "a\nb", from: 0, startsMidLine: false, endsMidLine: false },
    ])
    expect(textParts("", undefined, false)).toEqual([])
  })

  test("shows head and tail of a long text, cut at line ends, until it is expanded", () => {
    const text = Array.from({ length: 20_000 }, (_, at) => `line ${at}`).join("\n")
    const parts = textParts(text, undefined, false)
    expect(parts.map(({ kind }) => kind)).toEqual(["text", "gap", "text"])
    const [head, , tail] = parts
    if (head?.kind !== "text" || tail?.kind !== "text") throw new Error("head or tail is missing")
    expect(head.text.endsWith("\n")).toBe(true)
    expect(tail.text.startsWith("line ")).toBe(true)
    expect(tail.text.endsWith("line 19999")).toBe(true)
    expect(text.slice(tail.from)).toBe(tail.text)
    expect(textOf(textParts(text, undefined, true))).toBe(text)
  })

  test("shows head and tail of a text that was cut, with the size of the gap", () => {
    const parts = textParts("head", { bytes: 1_000, tail: "tail" }, true)
    expect(textOf(parts)).toBe("head<gap>tail")
    expect(parts[1]).toEqual({ kind: "gap", bytes: 992 })
    expect(parts[2]).toMatchObject({ from: undefined, startsMidLine: true })
  })

  test("keeps a long progress line in one piece", () => {
    const line = `${"50%\r".repeat(20_000)}100%\n`
    expect(textParts(line, undefined, true).length).toBe(1)
  })

  test("splits text of very short lines into pieces that are quick to render", () => {
    const parts = textParts("a\n".repeat(16_000), undefined, false)
    const lines = parts.map((part) => (part.kind === "text" ? part.text.split("\n").length - 1 : 0))
    expect(Math.max(...lines)).toBe(2_000)
    expect(lines.reduce((sum, count) => sum + count)).toBe(16_000)
  })

  test("loses nothing and splits no character, whatever the text", () => {
    const unit = fc.constantFrom("a", "\n", "😀", "é", " ")
    const long = fc
      .tuple(fc.string({ unit, minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 4_000 }))
      .map(([part, times]) => part.repeat(times))
    fc.assert(
      fc.property(long, (text) => {
        const parts = textParts(text, undefined, true)
        expect(textOf(parts)).toBe(text)
        for (const part of parts)
          if (part.kind === "text") expect(part.text.isWellFormed?.() ?? true).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})
