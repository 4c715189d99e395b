import { calcPrice } from "@pydantic/genai-prices"
import fc from "fast-check"
import { expect, test, vi } from "vitest"
import { PriceList } from "./PriceList"

const NOW = Date.parse("2026-06-01T12:00:00.000Z")
const prices = new PriceList()
const usage = {
  input_tokens: 1_000,
  cached_input_tokens: 200,
  cache_creation_input_tokens: 100,
  output_tokens: 500,
}
const estimate = (model: string, more: object = {}) =>
  prices.estimate({ kind: "model", model, usage, ...more }, NOW)

test.each([
  "gpt-4o",
  "gpt-5",
  "claude-sonnet-4-5-20250929",
  "claude-haiku-4-5",
  "gemini-2.5-pro",
  "o3-mini",
  "deepseek-chat",
])("estimates the same cost as the price list for %s, with any usage", (model) => {
  const count = fc.nat(500_000)
  fc.assert(
    fc.property(count, count, count, count, (plain, cached, created, output) => {
      const input_tokens = plain + cached + created
      const tokens = {
        input_tokens,
        output_tokens: output,
        cache_read_tokens: cached,
        cache_write_tokens: created,
      }
      const listed = calcPrice(tokens, model, { timestamp: new Date(NOW) })?.total_price ?? Number.NaN
      const used = {
        input_tokens,
        output_tokens: output,
        cached_input_tokens: cached,
        cache_creation_input_tokens: created,
      }
      const estimated = prices.estimate({ kind: "model", model, usage: used }, NOW)
      expect(Math.abs((estimated ?? Number.NaN) - listed)).toBeLessThan(1e-9 + listed * 1e-9)
    }),
    { numRuns: 50 },
  )
})

test.each([
  ["openai:gpt-4o", "gpt-4o"],
  ["openai/gpt-4o", "gpt-4o"],
  ["models/gemini-2.5-flash", "gemini-2.5-flash"],
  ["us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4-20250514"],
  ["anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"],
  ["openrouter/openai/gpt-4o-mini", "gpt-4o-mini"],
])("prices %s like %s", (name, plain) => {
  expect(estimate(plain)).toBeGreaterThan(0)
  expect(estimate(name)).toBeCloseTo(estimate(plain) ?? 0, 10)
})

test("estimates nothing for an unknown model, without usage, with a cost, or for another kind of turn", () => {
  expect(estimate("nonsense-x")).toBeUndefined()
  expect(estimate("")).toBeUndefined()
  expect(estimate("gpt-4o", { usage: undefined })).toBeUndefined()
  expect(estimate("gpt-4o", { cost_usd: 0 })).toBeUndefined()
  expect(estimate("gpt-4o", { kind: "tool" })).toBeUndefined()
  expect(prices.estimate({ kind: "model", usage }, NOW)).toBeUndefined()
})

test("custom prices take precedence, and the first match is used", () => {
  const rates = { input: 1, output: 2, cached_input: 0.1, cache_creation_input: 3 }
  const custom = new PriceList([
    { matches: (model) => model === "gpt-4o", rates },
    { matches: (model) => model.startsWith("local-"), rates: { ...rates, input: 0, output: 0 } },
  ])
  const cost = (model: string) => custom.estimate({ kind: "model", model, usage }, NOW)
  expect(cost("gpt-4o")).toBe((700 + 20 + 300 + 1_000) / 1e6)
  expect(cost("local-llama")).toBe((20 + 300) / 1e6)
  expect(cost("gpt-5")).toBe(estimate("gpt-5"))
})

test("makes no requests", () => {
  const fetch = vi.spyOn(globalThis, "fetch").mockImplementation(() => {
    throw new Error("fetched")
  })
  expect(new PriceList().estimate({ kind: "model", model: "gpt-4o", usage }, NOW)).toBeGreaterThan(0)
  expect(fetch).not.toHaveBeenCalled()
  fetch.mockRestore()
})
