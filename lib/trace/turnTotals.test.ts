import { expect, test } from "vitest"
import { addTotals, noTotals, totalCostText, turnTotals } from "./turnTotals"

test("an empty turn adds nothing", () => {
  expect(turnTotals({})).toEqual(noTotals())
})

test("a turn adds its own tokens, cost, time, exit and error", () => {
  const totals = turnTotals({
    kind: "model",
    usage: { input_tokens: 10, cached_input_tokens: 4, output_tokens: 2, reasoning_tokens: 1 },
    cost_usd: 0.25,
    duration_ms: 30,
    exit_code: 2,
    error: { message: "x" },
  })
  expect(addTotals(totals, totals)).toEqual({
    ...{ input_tokens: 20, cached_input_tokens: 8, output_tokens: 4, reasoning_tokens: 2 },
    ...{ cost_usd: 0.5, estimated_cost_usd: 0, unpriced_turns: 0, model_turns: 2 },
    ...{ errors: 2, failed_exits: 2, duration_ms: 60 },
  })
})

test("only a model turn without a cost is unpriced, and a cost of 0 is a cost", () => {
  expect(turnTotals({ kind: "model" }).unpriced_turns).toBe(1)
  expect(turnTotals({ kind: "model", cost_usd: 0 }).unpriced_turns).toBe(0)
  expect(turnTotals({ kind: "tool" })).toMatchObject({ unpriced_turns: 0, model_turns: 0 })
})

test("an exit code of 0 isn't a failed exit", () => {
  expect(turnTotals({ exit_code: 0 }).failed_exits).toBe(0)
  expect(turnTotals({ exit_code: -1 }).failed_exits).toBe(1)
})

test("absurd numbers never sum to infinity or past exact integers", () => {
  const one = turnTotals({ usage: { input_tokens: Number.MAX_SAFE_INTEGER }, cost_usd: Number.MAX_VALUE })
  let sum = noTotals()
  for (let at = 0; at < 10_000; at++) sum = addTotals(sum, one)
  expect(Number.isSafeInteger(sum.input_tokens)).toBe(true)
  expect(Number.isFinite(sum.cost_usd)).toBe(true)
})

test("the total cost includes estimates, and says so", () => {
  expect(totalCostText(noTotals())).toBeUndefined()
  expect(totalCostText({ ...noTotals(), cost_usd: 0.25 })).toBe("$0.25")
  expect(totalCostText({ ...noTotals(), cost_usd: 0.25, estimated_cost_usd: 0.5 })).toBe("≈$0.75")
})
