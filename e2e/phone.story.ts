import type { Locator } from "@playwright/test"
import { strings as RUN } from "@/components/run/strings"
import { strings as SHELL } from "@/components/shell/strings"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, runMain, signIn, turnRow } from "./pages"
import { recordTurns, startRun } from "./seeds"

const HOUR_MS = 3_600_000
const iso = (ms: number) => new Date(ms).toISOString()

test.use({
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
})

const colorOf = (part: Locator) => part.evaluate((element) => getComputedStyle(element).backgroundColor)

test("a run says what it is about before what can be done with it, and labels its times readably", async ({
  page,
  server,
  agent,
}) => {
  const start = Date.now() - 2.5 * HOUR_MS
  const run = await startRun(agent, { intent: "Water the garden", started_at: iso(start) })
  await recordTurns(agent, run, [
    { tool: "open", started_at: iso(start + 1_000), duration_ms: 60_000 },
    {
      tool: "fetch",
      parameters: { url: "https://garden.example/v2/plants?kind=tomato&row=7&column=12&watered=never" },
      started_at: iso(start + 2 * HOUR_MS),
      duration_ms: 60_000,
    },
  ])
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 2)
  const topOf = async (part: Locator) => (await part.boundingBox())?.y ?? Number.NaN
  const title = runMain(page).getByRole("heading", { level: 1 })
  const follow = runMain(page).getByRole("button", { name: RUN.actions.follow, exact: true })
  expect(await topOf(title)).toBeLessThan(await topOf(follow))
  // The idle gap between the turns is drawn on the same line.
  const label = runMain(page).getByText("1h", { exact: true })
  await expect(label).toBeVisible()
  const onTop = await label.evaluate((element) => {
    const { x, y, width, height } = element.getBoundingClientRect()
    return document.elementFromPoint(x + width / 2, y + height / 2) === element
  })
  expect(onTop).toBe(true)

  // A name that doesn't fit ends with an ellipsis instead of being cut off.
  const fits = await turnRow(page, 1)
    .locator("[title^=fetch]")
    .evaluate((element) => element.scrollWidth <= element.clientWidth)
  expect(fits).toBe(true)

  await turnRow(page, 0).tap()
  const sheet = page.getByRole("dialog")
  const sections = sheet.getByRole("navigation")
  await expect(sections).toBeVisible()
  expect(await colorOf(sections)).toBe(await colorOf(sheet))
})

test("the menu marks the theme that is used", async ({ page, server }) => {
  await signIn(page, server)
  const menu = page.getByRole("button", { name: SHELL.menu.label, exact: true })
  const marked = page.getByRole("menuitem").filter({ hasText: "✓" })
  await menu.tap()
  await expect(marked).toHaveText(new RegExp(SHELL.menu.system))
  await page.getByRole("menuitem", { name: SHELL.menu.dark }).tap()
  await menu.tap()
  await expect(marked).toHaveText(new RegExp(SHELL.menu.dark))
})
