import type { Locator } from "@playwright/test"
import { strings } from "@/components/runs/strings"
import { expect, test } from "./fixtures"
import { watchShifts } from "./kit/watchShifts"
import { expectWhole, openRun, runMain, runRow, runRows, signIn, turnRow } from "./pages"
import { completeRun, recordTurns, someTurns, startRun } from "./seeds"

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

test("the lanes keep their height while they load, and their times are always below them", async ({
  page,
  server,
  agent,
}) => {
  for (let lane = 0; lane < 9; lane++) {
    const run = await startRun(agent, { agent_id: `e2e/lane-${lane}`, intent: "Has a lane" })
    await completeRun(agent, run)
  }
  const loading: (() => void)[] = []
  let isHeld = false
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const upstream = socket.connectToServer()
    socket.onMessage((message) => {
      if (isHeld && String(message).includes('"overlaps"')) loading.push(() => upstream.send(message))
      else upstream.send(message)
    })
  })
  await signIn(page, server)
  const lanes = page.getByRole("region", { name: strings.lanes.label, exact: true })
  const box = async (part: Locator) => (await part.boundingBox()) ?? undefined
  const place = async () => ({
    chart: await box(lanes.getByRole("img", { name: strings.lanes.chart })),
    now: (await box(lanes.getByText(strings.lanes.now, { exact: true })))?.y,
    list: await box(page.getByRole("grid", { name: strings.grid.label, exact: true })),
  })
  await expect(lanes.getByRole("button", { name: strings.lanes.showAll(9) })).toBeVisible()
  const before = await place()
  isHeld = true
  await page.reload()
  await expect.poll(() => loading.length).toBeGreaterThan(0)
  await expect(runRows(page)).toHaveCount(9)
  await expect(lanes.getByText(strings.lanes.now, { exact: true })).toBeVisible()
  expect(await place()).toEqual(before)
  const shifts = await watchShifts(page)
  for (const load of loading) load()
  await expect(lanes.getByRole("button", { name: strings.lanes.showAll(9) })).toBeVisible()
  expect(await place()).toEqual(before)
  expect(await shifts()).toEqual([])
})

test("an ended run is never drawn as live, even if its end arrives after its turns", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Is over" })
  await recordTurns(agent, run, someTurns(450))
  await completeRun(agent, run)
  await page.routeWebSocket(/socket\.io/, (socket) => {
    const upstream = socket.connectToServer()
    upstream.onMessage((message) => {
      if (!String(message).includes('"record":"ended"')) socket.send(message)
    })
  })
  await signIn(page, server)
  await page.addInitScript(() => {
    const states = new Set<string>()
    Object.assign(window, { states })
    const read = () => {
      const main = document.querySelector<HTMLElement>("main[data-page=run]")
      if (main?.dataset.state !== undefined) states.add(main.dataset.state)
      if (main?.querySelector('[data-turn-index="449"]')) states.add("scrolled to the end")
    }
    new MutationObserver(read).observe(document, { subtree: true, childList: true, attributes: true })
  })
  await openRun(page, server, run)
  await expectWhole(page, 450)
  await expect(turnRow(page, 0)).toBeInViewport()
  await expect(runMain(page).getByText("complete", { exact: true })).toBeVisible()
  expect(await page.evaluate(() => [...(Reflect.get(window, "states") as Set<string>)])).toEqual([
    "completed",
  ])
})
