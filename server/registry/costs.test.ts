import { expect, test } from "vitest"
import { anOwner, aPrincipal } from "@/lib/testing/builders"
import { fakeClock } from "@/lib/testing/fakeClock"
import { registryWorld } from "@/lib/testing/registryWorld"
import { PriceList } from "@/server/prices/PriceList"
import { RunRegistry } from "./RunRegistry"

const everyone = aPrincipal()
const usage = { input_tokens: 1_000_000, output_tokens: 1_000_000 }
const rates = { input: 1, output: 2, cached_input: 0.1, cache_creation_input: 1 }

async function aRunWithPrices(prices: PriceList | undefined) {
  const w = registryWorld()
  const parts = { store: w.store, limits: w.limits, listener: w.listener, live: w.live, clock: fakeClock() }
  const registry = new RunRegistry({ ...parts, prices })
  const owner = anOwner()
  const started = await registry.start(owner, everyone, { intent: "x", agent_id: "a" })
  const run_id = started.ok ? started.run_id : ""
  const record = (...turns: Parameters<typeof registry.recordTurns>[2]["turns"]) =>
    registry.recordTurns(owner, everyone, { run_id, turns })
  const totals = async () => (await w.queries.get(everyone, run_id))?.totals
  const turn = async (index: number) => {
    const reply = await w.queries.getTurn(everyone, { run_id, index })
    return reply.ok ? reply.turn : undefined
  }
  const outlines = async () => {
    const reply = await w.queries.getOutline(everyone, { run_id })
    return reply.ok ? reply.outline : []
  }
  return { record, totals, turn, outlines }
}

const own = new PriceList([{ matches: (model) => model === "m", rates }])

test("a model turn without a cost gets an estimate, in the turn, its outline and the totals", async () => {
  const run = await aRunWithPrices(own)
  await run.record({ model: "m", usage }, { model: "unknown", usage }, { model: "m", usage, cost_usd: 0 })
  expect((await run.turn(0))?.estimated_cost_usd).toBe(3)
  expect((await run.outlines()).map((outline) => outline.estimated_cost_usd)).toEqual([
    3,
    undefined,
    undefined,
  ])
  expect(await run.totals()).toMatchObject({
    ...{ estimated_cost_usd: 3, cost_usd: 0, model_turns: 3, unpriced_turns: 1 },
  })
})

test("turns that share a response count its usage and estimate once", async () => {
  const run = await aRunWithPrices(own)
  const response = { model: "m", usage, response_id: "r" }
  await run.record({ ...response, duration_ms: 5 }, { ...response, usage: undefined, duration_ms: 6 })
  await run.record(response, { ...response, response_id: "other" })
  expect(await run.totals()).toMatchObject({
    ...{ input_tokens: 2_000_000, estimated_cost_usd: 6, model_turns: 2, unpriced_turns: 0, duration_ms: 11 },
  })
})

test("an agent can't send an estimate", async () => {
  const run = await aRunWithPrices(own)
  await run.record({ model: "unknown", usage, estimated_cost_usd: 99 })
  expect(await run.turn(0)).not.toHaveProperty("estimated_cost_usd")
})

test("without a price list, nothing is estimated", async () => {
  const run = await aRunWithPrices(undefined)
  await run.record({ model: "gpt-4o", usage })
  expect(await run.totals()).toMatchObject({ estimated_cost_usd: 0, unpriced_turns: 1 })
})
