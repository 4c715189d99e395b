import { expect, test } from "vitest"
import { sizeOf } from "./sizeOf"

test("text counts by its length, wherever it is, and everything else a little", () => {
  const text = "x".repeat(1_000)
  const holders = [text, [text], { a: { b: text } }, new Map([[text, 1]]), new Set([text]), { [text]: 1 }]
  for (const holder of holders) {
    expect(sizeOf(holder)).toBeGreaterThanOrEqual(1_000)
    expect(sizeOf(holder)).toBeLessThan(1_200)
  }
  for (const value of [1, 1n, null, undefined, true]) expect(sizeOf(value)).toBeLessThan(10)
})

test("what is shared counts once, also in a circle", () => {
  const shared = { text: "x".repeat(1_000) }
  expect(sizeOf([shared, shared, new Map([["a", shared]])])).toBeLessThan(1_300)
  const circle: { text: string; self?: object } = { text: "x" }
  circle.self = circle
  expect(sizeOf(circle)).toBeLessThan(100)
})

test("a value nested without end is measured, too", () => {
  let deep: unknown = "end"
  for (let level = 0; level < 200_000; level++) deep = [deep]
  expect(sizeOf(deep)).toBeGreaterThan(200_000)
})
