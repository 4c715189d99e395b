import type { Locator, Page } from "@playwright/test"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, runMain, signIn, turnRow } from "./pages"
import { completeRun, recordTurns, startRun, type TurnIn } from "./seeds"

const EVERY_MS = 30_000
const COUNT = 20
/** Ten minutes of turns in the past, one every 30 seconds. */
function history(): TurnIn[] {
  const began = Date.now() - 3_600_000
  return Array.from({ length: COUNT }, (_, at) => ({
    tool: "bash",
    parameters: { command: `step ${at}` },
    started_at: new Date(began + at * EVERY_MS).toISOString(),
    duration_ms: 20_000,
  }))
}

const strip = (page: Page) => page.getByRole("img", { name: "Run overview" })
const selectedIndex = async (page: Page) =>
  Number(await page.locator("[data-turn-index][aria-selected=true]").getAttribute("data-turn-index"))
const barWidth = async (page: Page, index: number) =>
  (await turnRow(page, index).locator("[data-bar]").boundingBox())?.width ?? 0

async function dragAcross(page: Page, over: Locator, from: number, to: number): Promise<void> {
  const box = await over.boundingBox()
  if (box === null) throw new Error("nothing to drag over")
  const x = (share: number) => box.x + Math.min(box.width - 1, share * box.width)
  await page.mouse.move(x(from), box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(x((from + to) / 2), box.y + box.height / 2, { steps: 4 })
  await page.mouse.move(x(to), box.y + box.height / 2, { steps: 4 })
  await page.mouse.up()
}

test("the minimap goes to a turn, zooms the timeline and rewinds", async ({ page, server, agent }) => {
  const run = await startRun(agent, { intent: "Look over me" })
  await recordTurns(agent, run, history())
  await completeRun(agent, run)
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, COUNT)
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
  const box = await strip(page).boundingBox()
  await strip(page).click({ position: { x: (box?.width ?? 0) / 2, y: 10 } })
  expect(Math.abs((await selectedIndex(page)) - COUNT / 2)).toBeLessThanOrEqual(1)

  const whole = await barWidth(page, 7)
  await dragAcross(page, strip(page), 0.25, 0.5)
  await expect.poll(() => barWidth(page, 7)).toBeGreaterThan(whole * 3)
  await strip(page).dblclick({ position: { x: 20, y: 10 } })
  await expect.poll(() => barWidth(page, 7)).toBeLessThan(whole * 1.5)

  const headShare = async () => {
    const head = await strip(page).locator("[data-playhead]").boundingBox()
    return ((head?.x ?? 0) + 3 - (box?.x ?? 0)) / (box?.width ?? 1)
  }
  await dragAcross(page, strip(page), await headShare(), 0.5)
  await expect(runMain(page)).toHaveAttribute("data-live", "rewound")
  await expect(page).toHaveURL(/[?&]at=(9|10|11)(&|$)/)
  await expect(turnRow(page, COUNT - 1)).toHaveCount(0)
  await dragAcross(page, strip(page), await headShare(), 1)
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
  await expect(turnRow(page, COUNT - 1)).toBeVisible()
})

test("a run recorded afterwards shows the times of its turns", async ({ page, server, agent }) => {
  const run = await startRun(agent, { intent: "It was long ago" })
  await recordTurns(agent, run, history())
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, COUNT)
  await expect(page.getByTitle("First to last turn, using times reported by the agent")).toHaveText("9m 50s")
})

test("a line under the mouse shows the time since the start and the time of day", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "What time was it" })
  await recordTurns(agent, run, history())
  await completeRun(agent, run)
  await page.setViewportSize({ width: 1_800, height: 900 })
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, COUNT)
  await page.keyboard.press("Escape")
  const lane = await page.locator("[data-lane]").first().boundingBox()
  const row = await turnRow(page, 5).boundingBox()
  if (lane === null || row === null) throw new Error("no lane")
  await page.mouse.move(lane.x + lane.width / 4, row.y + row.height / 2)
  const said = page.locator("[data-lane-layer] .num")
  await expect(said).toHaveText(/^\+2m \d+s( · \d\d:\d\d:\d\d.*)?$/)
  const first = await said.textContent()
  await page.mouse.move(lane.x + lane.width / 2, row.y + row.height / 2)
  await expect(said).not.toHaveText(first ?? "")
  await page.mouse.move(lane.x + 5, 20)
  await expect(said).toBeHidden()
})

test("the inspector is resized by mouse and keyboard, and keeps its width after a reload", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Make room" })
  await recordTurns(agent, run, history())
  await signIn(page, server)
  await openRun(page, server, run, "?turn=3")
  await expectWhole(page, COUNT)
  const divider = page.getByRole("separator", { name: "Width of the inspector" })
  const paneWidth = async () => (await page.getByRole("region", { name: "Turn 3" }).boundingBox())?.width ?? 0
  await expect(divider).toHaveAttribute("aria-valuenow", "40")
  const before = await paneWidth()
  const body = page.locator("main")
  await dragAcross(page, body, 0.6, 0.45)
  await expect(divider).toHaveAttribute("aria-valuenow", /^5[45]$/)
  expect(await paneWidth()).toBeGreaterThan(before * 1.25)
  await divider.focus()
  await page.keyboard.press("ArrowRight")
  await expect(divider).toHaveAttribute("aria-valuenow", /^5[23]$/)
  await page.keyboard.press("End")
  await expect(divider).toHaveAttribute("aria-valuenow", "25")
  await page.reload()
  await expectWhole(page, COUNT)
  await expect(divider).toHaveAttribute("aria-valuenow", "25")
  await divider.dblclick()
  await expect(divider).toHaveAttribute("aria-valuenow", "40")
})

test.describe("by touch", () => {
  test.use({ viewport: { width: 1_024, height: 768 }, hasTouch: true })

  test("two fingers zoom the timeline around their center", async ({ page, server, agent }) => {
    const run = await startRun(agent, { intent: "Pinch me" })
    await recordTurns(agent, run, history())
    await completeRun(agent, run)
    await signIn(page, server)
    await openRun(page, server, run)
    await expectWhole(page, COUNT)
    const lane = await page.locator("[data-lane]").first().boundingBox()
    const row = await turnRow(page, 5).boundingBox()
    if (lane === null || row === null) throw new Error("no lane")
    const before = await barWidth(page, 10)
    const cdp = await page.context().newCDPSession(page)
    const middle = { x: lane.x + lane.width / 2, y: row.y + row.height / 2 }
    const touch = (type: "touchStart" | "touchMove", apart: number) =>
      cdp.send("Input.dispatchTouchEvent", {
        type,
        touchPoints: [
          { x: middle.x - apart / 2, y: middle.y },
          { x: middle.x + apart / 2, y: middle.y },
        ],
      })
    await touch("touchStart", 40)
    for (const apart of [60, 80, 120, 160]) await touch("touchMove", apart)
    await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] })
    await expect.poll(() => barWidth(page, 10)).toBeGreaterThan(before * 3)
    expect(await page.evaluate(() => visualViewport?.scale)).toBe(1)
  })
})
