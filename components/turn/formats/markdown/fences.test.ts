import { describe, expect, test } from "vitest"
import { fencedPiece, fencedTail, findFences } from "./fences"

const TEXT = "a\n\n````md\n```ts\nx\n```\ny\n````\n\nb\n\n- c\n\n      ~~~\n      z\n      ~~~\n\nd"

describe("fencedPiece", () => {
  const fences = findFences(TEXT)
  const at = (text: string) => TEXT.indexOf(text)
  const piece = (from: string, to?: string) =>
    fencedPiece(TEXT.slice(at(from), to === undefined ? undefined : at(to)), at(from), fences)

  test("finds nested and indented code blocks", () => {
    expect(fences.map(({ from, to }) => TEXT.slice(from, to))).toEqual(["```ts\nx\n```\ny\n", "      z\n"])
  })

  test("opens and closes the code block in which a piece starts", () => {
    expect(piece("x\n", "b\n")).toBe("````md\nx\n```\ny\n````\n\n")
    expect(piece("      z")).toBe("~~~\n      z\n~~~\n\nd")
  })

  test("opens a code block that continues after the piece", () => {
    expect(piece("x\n", "y\n")).toBe("````md\nx\n```\n````\n")
  })

  test("leaves other pieces unchanged", () => {
    expect(piece("b\n", "- c")).toBe("b\n\n")
    expect(fencedPiece(TEXT, 0, fences)).toBe(TEXT)
  })
})

test.each([
  ["starts within a code block", "x\n```\n\nafter", "```\nx\n```\n\nafter"],
  ["starts within prose", "x\n```ts\ny\n```", "x\n```ts\ny\n```"],
  ["starts between code blocks", "x\n```\ny\n```\n", "x\n```\ny\n```\n"],
  ["has no code", "x", "x"],
])("fencedTail: a tail that %s", (_name, tail, expected) => {
  expect(fencedTail(tail)).toBe(expected)
})
