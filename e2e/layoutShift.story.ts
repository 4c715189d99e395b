import { strings } from "@/components/runs/strings"
import { expect, test } from "./fixtures"
import { watchShifts } from "./kit/watchShifts"
import { runRow, signIn } from "./pages"
import { completeRun, recordTurns, startRun } from "./seeds"

test("a number that gains a digit doesn't move anything", async ({ page, server, agent }) => {
  const turn = { message: "m", usage: { input_tokens: 90 }, cost_usd: 0.0012, error: { message: "no" } }
  const run = await startRun(agent, { intent: "Counts up" })
  await recordTurns(agent, run, Array(9).fill(turn))
  await signIn(page, server)
  const cell = (name: string) => runRow(page, run).locator(`[data-column="${name}"]`)
  await expect(cell("turns")).toHaveText("9")
  const shifts = await watchShifts(page)
  await recordTurns(agent, run, [turn, turn, turn])
  await expect(cell("turns")).toHaveText("12")
  await expect(cell("errors")).toHaveText("12")
  await expect(cell("tokens")).toHaveText("1,080")
  expect((await shifts()).filter((text) => /^[\d.,$]+$/.test(text.trim()))).toEqual([])
})

test("a lost connection doesn't move anything, and neither does its return", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Stays where it is" })
  await completeRun(agent, run)
  await signIn(page, server)
  await expect(runRow(page, run)).toBeVisible()
  await expect(page.locator("[data-connection=live]")).toBeVisible()
  const shifts = await watchShifts(page)
  await server.crash()
  await expect(page.locator("[data-connection=reconnecting]")).toBeVisible()
  await server.restart()
  await expect(page.locator("[data-connection=live]")).toBeVisible()
  expect(await shifts()).toEqual([])
})

test("the times of the lanes slide without a layout shift", async ({ page, server, agent }) => {
  const run = await startRun(agent, { intent: "Has a lane" })
  await completeRun(agent, run)
  await signIn(page, server)
  await page.goto(`${server.url}/?range=5m`)
  const lanes = page.getByRole("region", { name: strings.lanes.label, exact: true })
  const tick = lanes.getByText(/^\d\d:\d\d(:\d\d)?$/).last()
  await expect(runRow(page, run)).toBeVisible()
  await expect(tick).toBeVisible()
  const text = (await tick.textContent()) ?? ""
  const left = async () => (await lanes.getByText(text, { exact: true }).boundingBox())?.x ?? Number.NaN
  const before = await left()
  const shifts = await watchShifts(page)
  await expect.poll(async () => before - (await left())).toBeGreaterThan(12)
  expect(await shifts()).toEqual([])
})
