import { expect, test } from "vitest"
import { alignedCost } from "./numberCells"

test("decimal points of right-aligned costs are aligned", () => {
  const afterPoint = (usd: number) => {
    const text = alignedCost(usd)
    return text.length - (text.includes(".") ? text.indexOf(".") : text.trimEnd().length)
  }
  for (const usd of [0.006, 0.091, 0.31, 1.24, 99.5, 1_204, 250_000]) expect(afterPoint(usd)).toBe(5)
  expect(alignedCost(0.006)).toBe("$0.0060")
})
