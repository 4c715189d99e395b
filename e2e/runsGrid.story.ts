import type { Page } from "@playwright/test"
import { strings as TEXT } from "@/components/runs/strings"
import { type Client, expect, test } from "./fixtures"
import { runRow as row, runRows as rows, signIn } from "./pages"
import { completeRun, ONE_OF_EACH, recordTurns, reportProgress, someTurns, startRun } from "./seeds"

const { grid: GRID, selection, deleteDialog } = TEXT
const grid = (page: Page) => page.getByRole("grid", { name: GRID.label, exact: true })
const idsIn = (page: Page, section: string) =>
  grid(page)
    .locator(`[data-run-id][data-section="${section}"]`)
    .evaluateAll((all) => all.map((one) => one.getAttribute("data-run-id")))

test("a click on a column header sorts the list, and the header shows the order", async ({
  page,
  server,
  agent,
}) => {
  const cheap = await startRun(agent, { intent: "Cheap" })
  await recordTurns(agent, cheap, [{ message: "hm", cost_usd: 0.006 }])
  const dear = await startRun(agent, { intent: "Dear" })
  await recordTurns(agent, dear, [{ message: "hm", cost_usd: 12.5 }])
  await completeRun(agent, dear)
  await signIn(page, server)
  await expect.poll(() => idsIn(page, "working")).toEqual([cheap])
  const cost = page.getByRole("columnheader", { name: GRID.columns.cost })
  await expect(cost).toHaveAttribute("aria-sort", "none")
  await cost.click()
  await expect(cost).toHaveAttribute("aria-sort", "descending")
  await expect(page.getByText(GRID.sortedBy("cost", "desc"))).toBeVisible()
  await expect(page).toHaveURL(/sort=cost/)
  await cost.click()
  await expect(cost).toHaveAttribute("aria-sort", "ascending")
  await expect(page.getByText(GRID.sortedBy("cost", "asc"))).toBeVisible()
  await expect(rows(page)).toHaveCount(2)
  await page.getByRole("button", { name: GRID.backToSections }).click()
  await expect(cost).toHaveAttribute("aria-sort", "none")
  await expect.poll(() => idsIn(page, "ended")).toEqual([dear])
})

test("columns are chosen in a menu and resized by dragging, and these settings persist", async ({
  page,
  server,
  agent,
}) => {
  await startRun(agent, { intent: "A run" })
  await signIn(page, server)
  const header = (name: string) => page.getByRole("columnheader", { name, exact: true })
  await expect(header(GRID.columns.tokens)).toBeVisible()
  await page.getByRole("button", { name: TEXT.view.label }).click()
  const menu = page.getByRole("menu")
  await menu.getByRole("menuitemcheckbox", { name: GRID.columns.tokens, exact: true }).last().click()
  await page.keyboard.press("Escape")
  await expect(header(GRID.columns.tokens)).toHaveCount(0)
  const box = await header(GRID.columns.intent).boundingBox()
  if (box === null) throw new Error("no header")
  await page.mouse.move(box.x + box.width + 3, box.y + box.height / 2)
  await page.mouse.down()
  await page.mouse.move(box.x + 143, box.y + box.height / 2, { steps: 4 })
  await page.mouse.up()
  await expect
    .poll(async () => Math.round((await header(GRID.columns.intent).boundingBox())?.width ?? 0))
    .toBe(140)
  await page.reload()
  await expect(header(GRID.columns.tokens)).toHaveCount(0)
  expect(Math.round((await header(GRID.columns.intent).boundingBox())?.width ?? 0)).toBe(140)
})

async function startMany(agent: Client, count: number): Promise<string[]> {
  const runs: string[] = []
  for (let k = 0; k < count; k++) {
    const run = await startRun(agent, { intent: `Run ${k}` })
    await recordTurns(agent, run, someTurns(2))
    await completeRun(agent, run)
    runs.push(run)
  }
  return runs.reverse()
}

test("runs are selected with Shift and by keyboard, compared, exported and deleted", async ({
  page,
  server,
  agent,
}) => {
  const [a = "", b = "", c = "", d = ""] = await startMany(agent, 4)
  const live = await startRun(agent, { intent: "Live" })
  await signIn(page, server)
  const box = (run: string) => row(page, run).getByRole("checkbox")
  const bar = page.getByRole("complementary", { name: selection.label })
  await row(page, a).hover()
  await box(a).check()
  await box(c).click({ modifiers: ["Shift"] })
  await expect(bar).toContainText(selection.count(3))
  await expect(row(page, b)).toHaveAttribute("aria-selected", "true")
  await expect(bar.getByRole("button", { name: selection.compare })).toBeDisabled()
  await box(b).uncheck()
  await bar.getByRole("button", { name: selection.compare }).click()
  await expect(page).toHaveURL(new RegExp(`/compare\\?a=${a}&b=${c}`))
  await page.goBack()

  await expect(row(page, live)).toBeVisible()
  await page.keyboard.press("g")
  await page.keyboard.press("Space")
  for (let k = 0; k < 2; k++) await page.keyboard.press("Shift+ArrowDown")
  await expect(bar).toContainText(selection.count(3))
  const download = page.waitForEvent("download")
  await bar.getByRole("button", { name: selection.export }).click()
  expect((await download).suggestedFilename()).toMatch(/\.jsonl$/)
  await bar.getByRole("button", { name: selection.delete }).click()
  const dialog = page.getByRole("dialog", { name: deleteDialog.title(2) })
  await expect(dialog).toContainText(deleteDialog.what(4))
  await expect(dialog).toContainText(deleteDialog.skipped(1))
  await dialog.getByRole("button", { name: deleteDialog.confirm(2) }).click()
  await expect(dialog).toHaveCount(0)
  await expect(row(page, a)).toHaveCount(0)
  await expect(row(page, b)).toHaveCount(0)
  await expect(row(page, d)).toBeVisible()
  await expect(row(page, live)).toBeVisible()
  await expect(bar).toHaveCount(0)
})

test("going back from a run returns to the same row and scroll position", async ({ page, server, agent }) => {
  await startMany(agent, 80)
  await signIn(page, server)
  await expect(rows(page).first()).toBeVisible()
  for (let k = 0; k < 50; k++) await page.keyboard.press("j")
  const active = grid(page).locator("[data-run-id][data-active]")
  const runId = (await active.getAttribute("data-run-id")) ?? ""
  const before = await page.evaluate(() => window.scrollY)
  expect(before).toBeGreaterThan(300)
  await page.keyboard.press("Enter")
  await expect(page.locator("main[data-page=run]")).toHaveAttribute("data-run-id", runId)
  await page.goBack()
  await expect(row(page, runId)).toBeInViewport()
  await expect(row(page, runId)).toHaveAttribute("data-active", "true")
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(before)
  await page.getByRole("link", { name: TEXT.title, exact: true }).click()
})

test("a click anywhere in a row opens its run; controls in it don't", async ({ page, server, agent }) => {
  const run = await startRun(agent, { intent: "Open me" })
  await recordTurns(agent, run, ONE_OF_EACH)
  await signIn(page, server)
  await expect(row(page, run)).toHaveAttribute("data-errors", "1")
  await row(page, run).getByRole("checkbox").click({ force: true })
  await expect(page).toHaveURL(/\/$/)
  await row(page, run).locator('[data-column="cost"]').click()
  await expect(page).toHaveURL(new RegExp(`/runs/${run}`))
})

test("child runs are collapsed under their parent, except those that need attention", async ({
  page,
  server,
  agent,
}) => {
  const parent = await startRun(agent, { intent: "The parent", agent_id: "e2e/a" })
  const child = await startRun(agent, { intent: "A child", parent: { run_id: parent, turn_index: 0 } })
  const asking = await startRun(agent, { intent: "Asks", parent: { run_id: parent, turn_index: 1 } })
  await reportProgress(agent, asking, { waiting_for: "you" })
  await signIn(page, server)
  await expect(row(page, parent)).toBeVisible()
  await expect(row(page, asking)).toHaveAttribute("data-section", "needs-you")
  await expect(row(page, child)).toHaveCount(0)
  await row(page, parent)
    .getByRole("button", { name: GRID.unfoldChildren(2) })
    .click()
  await expect(row(page, child)).toBeVisible()
  await expect(row(page, asking)).toHaveCount(1)
  await row(page, parent)
    .getByRole("button", { name: GRID.foldChildren(2) })
    .click()
  await expect(row(page, child)).toHaveCount(0)
})

test("a run's row is kept up to date", async ({ page, server, agent }) => {
  const run = await startRun(agent, { intent: "Works on" })
  await signIn(page, server)
  await reportProgress(agent, run, { tool: "bash", parameters: { command: "npm test" } })
  await expect(row(page, run)).toContainText("bash")
  await recordTurns(agent, run, someTurns(4))
  await expect(row(page, run)).toHaveAttribute("data-cursor", "4")
})

test("a sorted list stays in order of any column, and keeps its order when its runs change", async ({
  page,
  server,
  agent,
}) => {
  const many = await startRun(agent, { intent: "Many errors" })
  await recordTurns(
    agent,
    many,
    Array.from({ length: 5 }, () => ({ tool: "x", error: { message: "no" } })),
  )
  const few = await startRun(agent, { intent: "Few errors" })
  await recordTurns(agent, few, [...someTurns(7), { tool: "x", error: { message: "no" } }])
  const none = await startRun(agent, { intent: "No errors" })
  await completeRun(agent, none)
  const ids = () => rows(page).evaluateAll((all) => all.map((one) => one.getAttribute("data-run-id")))
  await signIn(page, server)
  for (const [column, sort, descending] of [
    ["errors", "errors", [many, few, none]],
    ["turns", "turns", [few, many, none]],
    ["started", "started", [none, few, many]],
  ] as const) {
    const header = page.getByRole("columnheader", { name: GRID.columns[column], exact: true })
    await header.click()
    await expect(header).toHaveAttribute("aria-sort", "descending")
    await expect(page.getByText(GRID.sortedBy(sort, "desc"))).toBeVisible()
    await expect.poll(ids).toEqual(descending)
    await expect(page.getByRole("button", { name: /, collapse$/ })).toHaveCount(0)
    await header.click()
    await expect.poll(ids).toEqual([...descending].reverse())
    await header.click()
    await expect(header).toHaveAttribute("aria-sort", "none")
    await expect(page).not.toHaveURL(/sort=/)
  }
})

test("the grid is one tab stop", async ({ page, server, agent }) => {
  for (let k = 0; k < 5; k++) await startRun(agent, { intent: `Run ${k}` })
  await signIn(page, server)
  await expect(rows(page)).toHaveCount(5)
  await row(page, (await rows(page).first().getAttribute("data-run-id")) ?? "").hover()
  await grid(page).focus()
  await expect(grid(page)).toHaveAttribute("aria-activedescendant", /./)
  const isInside = () => grid(page).evaluate((element) => element.contains(document.activeElement))
  await page.keyboard.press("Tab")
  expect(await isInside()).toBe(false)
  await page.keyboard.press("Shift+Tab")
  await expect(grid(page)).toBeFocused()
  await page.keyboard.press("Shift+Tab")
  expect(await isInside()).toBe(false)
})

test("the selection bar shows how many selected runs are hidden, and the result of turning on notifications", async ({
  page,
  server,
  agent,
}) => {
  await page.addInitScript(() => {
    const Granted = { permission: "granted", requestPermission: async () => "granted" }
    Object.assign(window, { Notification: Granted })
  })
  const live = await startRun(agent, { intent: "Live and well", agent_id: "e2e/live" })
  const ended = await startRun(agent, { intent: "Over and done", agent_id: "e2e/ended" })
  await completeRun(agent, ended)
  await signIn(page, server)
  const bar = page.getByRole("complementary", { name: selection.label })
  for (const run of [live, ended]) {
    await row(page, run).hover()
    await row(page, run).getByRole("checkbox").check()
  }
  await expect(bar).toContainText(selection.count(2))
  await bar.getByRole("button", { name: selection.notify }).click()
  await expect(bar).toContainText(selection.notified(1, 1, "granted"))
  await expect(row(page, live).locator("[data-bell]")).toHaveAttribute("data-bell", "on")
  await page.getByRole("button", { name: TEXT.counters.name(TEXT.counters.live, 1), exact: true }).click()
  await expect(rows(page)).toHaveCount(1)
  await expect(bar).toContainText(selection.count(2))
  await expect(bar).toContainText(selection.hidden(1))
})
