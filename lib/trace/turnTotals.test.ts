import { expect, test } from "vitest"
import { addTotals, noTotals, turnTotals } from "./turnTotals"

test("a turn that says nothing adds nothing", () => {
  expect(turnTotals({})).toEqual(noTotals())
})

test("a turn adds its own tokens, cost, time and error", () => {
  const totals = turnTotals({
    usage: { input_tokens: 10, output_tokens: 2 },
    cost_usd: 0.25,
    duration_ms: 30,
    error: { message: "x" },
  })
  expect(addTotals(totals, totals)).toEqual({
    input_tokens: 20,
    output_tokens: 4,
    cost_usd: 0.5,
    errors: 2,
    duration_ms: 60,
  })
})

test("absurd numbers never sum to infinity or past exact integers", () => {
  const one = turnTotals({ usage: { input_tokens: Number.MAX_SAFE_INTEGER }, cost_usd: Number.MAX_VALUE })
  let sum = noTotals()
  for (let at = 0; at < 10_000; at++) sum = addTotals(sum, one)
  expect(Number.isSafeInteger(sum.input_tokens)).toBe(true)
  expect(Number.isFinite(sum.cost_usd)).toBe(true)
})
