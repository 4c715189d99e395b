import { expect, test } from "vitest"
import { sizeOf } from "./sizeOf"

test("counts text by its length, wherever it is, and other values with a small size", () => {
  const text = "x".repeat(1_000)
  const holders = [text, [text], { a: { b: text } }, new Map([[text, 1]]), new Set([text]), { [text]: 1 }]
  for (const holder of holders) {
    expect(sizeOf(holder)).toBeGreaterThanOrEqual(1_000)
    expect(sizeOf(holder)).toBeLessThan(1_200)
  }
  for (const value of [1, 1n, null, undefined, true]) expect(sizeOf(value)).toBeLessThan(10)
})

test("counts shared values once, even in a cycle", () => {
  const shared = { text: "x".repeat(1_000) }
  expect(sizeOf([shared, shared, new Map([["a", shared]])])).toBeLessThan(1_300)
  const circle: { text: string; self?: object } = { text: "x" }
  circle.self = circle
  expect(sizeOf(circle)).toBeLessThan(100)
})

test("measures extremely deep values", () => {
  let deep: unknown = "end"
  for (let level = 0; level < 200_000; level++) deep = [deep]
  expect(sizeOf(deep)).toBeGreaterThan(200_000)
})
