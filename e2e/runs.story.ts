import type { Page } from "@playwright/test"
import { strings as compare } from "@/components/compare/strings"
import { strings as connect } from "@/components/connect/strings"
import { strings as TEXT } from "@/components/runs/strings"
import { expectNoSideways } from "./audit"
import { type Client, expect, test } from "./fixtures"
import { signIn } from "./pages"
import { completeRun, ONE_OF_EACH, recordTurns, reportProgress, startRun } from "./seeds"

const { filters, grid: GRID } = TEXT
const grid = (page: Page) => page.getByRole("grid", { name: GRID.label, exact: true })
const rows = (page: Page) => grid(page).locator("[data-run-id]")
const row = (page: Page, runId: string) => grid(page).locator(`[data-run-id="${runId}"]`)
const idsIn = (page: Page, section: string) =>
  grid(page)
    .locator(`[data-run-id][data-section="${section}"]`)
    .evaluateAll((all) => all.map((one) => one.getAttribute("data-run-id")))
const counter = (page: Page, label: string, count: number) =>
  page.getByRole("button", { name: TEXT.counters.name(label, count), exact: true })
const away = (page: Page) => page.mouse.move(5, 5)

type Seeded = { failed: string; good: string; live: string; asking: string }

async function seedRuns(agent: Client): Promise<Seeded> {
  const failed = await startRun(agent, {
    intent: "Deploy the shop",
    agent_id: "e2e/deploy",
    labels: { env: "prod" },
  })
  await recordTurns(agent, failed, [{ tool: "bash", output: "the zeppelin exploded over the harbor" }])
  await completeRun(agent, failed, "failure", "It would not start")
  const good = await startRun(agent, {
    intent: "Write the docs",
    agent_id: "e2e/writer",
    agent_name: "Ada Seven",
    labels: { env: "test" },
  })
  await completeRun(agent, good)
  const live = await startRun(agent, { intent: "Crawl the web", agent_id: "e2e/crawler" })
  const asking = await startRun(agent, { intent: "Refund an order", agent_id: "e2e/support" })
  await reportProgress(agent, asking, { waiting_for: "approval of a refund" })
  return { failed, good, live, asking }
}

/** Expects exactly these runs and this URL, even after a reload. */
async function expectOnly(page: Page, runs: string[], address: RegExp): Promise<void> {
  const shown = async () =>
    (await rows(page).evaluateAll((all) => all.map((one) => one.getAttribute("data-run-id")))).sort()
  await expect.poll(shown).toEqual([...runs].sort())
  await expect(page).toHaveURL(address)
  await page.reload()
  await expect.poll(shown).toEqual([...runs].sort())
}

test("counters and search narrow the list, are part of the URL, and survive a reload", async ({
  page,
  server,
  agent,
}) => {
  const { failed, good, live, asking } = await seedRuns(agent)
  const only = (runs: string[], address: RegExp) => expectOnly(page, runs, address)
  await signIn(page, server)
  await expect(rows(page)).toHaveCount(4)
  const { live: liveLabel, needsYou, failed: failedLabel, all } = TEXT.counters
  await counter(page, liveLabel, 2).click()
  await expect(counter(page, liveLabel, 2)).toHaveAttribute("aria-pressed", "true")
  await only([live, asking], /status=in_progress/)
  await counter(page, needsYou, 1).click()
  await only([asking], /waiting/)
  await counter(page, failedLabel, 1).click()
  await only([failed], /failed=today/)
  await counter(page, all, 4).click()
  await only([failed, good, live, asking], /\/$/)

  const search = page.getByRole("searchbox", { name: filters.search, exact: true })
  await search.fill("zeppelin")
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page).first().locator("mark")).toHaveText("zeppelin")
  await only([failed], /q=zeppelin/)
  await rows(page).first().getByRole("link").click()
  await expect(page).toHaveURL(/turn=0/)
  await page.goBack()
  await search.fill("")
  await expect(rows(page)).toHaveCount(4)
})

test("filters narrow the list, are part of the URL, and survive a reload", async ({
  page,
  server,
  agent,
}) => {
  const { failed, good, live, asking } = await seedRuns(agent)
  const only = (runs: string[], address: RegExp) => expectOnly(page, runs, address)
  await signIn(page, server)
  await expect(rows(page)).toHaveCount(4)
  const { all } = TEXT.counters
  const clear = page.getByRole("button", { name: filters.clear, exact: true })
  const agentField = page.getByLabel(filters.agent, { exact: true })
  await agentField.fill("Ada Seven")
  await agentField.press("Enter")
  await only([good], /agent=e2e/)
  await expect(agentField).toHaveValue("Ada Seven")
  await expect(counter(page, all, 1)).toBeVisible()
  await clear.click()
  await agentField.fill("Ada Sevn")
  await agentField.press("Enter")
  await expect(page.getByRole("alert").filter({ hasText: 'No agent "Ada Sevn".' })).toContainText(
    'Did you mean "Ada Seven"?',
  )
  await agentField.fill("")
  const labelField = page.getByLabel(filters.label, { exact: true })
  await labelField.fill("env=prod")
  await labelField.press("Enter")
  await only([failed], /label/)
  await labelField.fill("no equals sign")
  await labelField.press("Enter")
  await expect(labelField).toHaveAttribute("aria-invalid", "true")
  await clear.click()
  await page.getByRole("button", { name: filters.outcome }).click()
  await page.getByRole("menuitemcheckbox", { name: "success", exact: true }).click()
  await page.keyboard.press("Escape")
  await only([good], /outcome=success/)
  await clear.click()
  await page.getByRole("button", { name: filters.status }).click()
  await page.getByRole("menuitemcheckbox", { name: filters.statuses.completed, exact: true }).click()
  await page.keyboard.press("Escape")
  await only([failed, good], /status=completed/)
  await clear.click()
  await expect(clear).toBeHidden()
  await page.getByRole("button", { name: filters.started }).click()
  await page.getByRole("menuitem", { name: filters.lastHour }).click()
  await only([failed, good, live, asking], /since=1h/)
  await page.getByRole("button", { name: filters.started }).click()
  await page.getByRole("menuitem", { name: filters.customRange }).click()
  await page.getByRole("dialog").getByLabel(filters.to).fill("2020-01-01T00:00:07")
  await page.getByRole("button", { name: filters.apply }).click()
  await expect(page).toHaveURL(/before=2019-12-31T|before=2020-01-01T/)
  await expect(page).toHaveURL(/%3A07/)
  await expect(page.getByText(TEXT.status.noMatches)).toBeVisible()
  await page.getByRole("button", { name: TEXT.status.clear }).click()
  await expect(rows(page)).toHaveCount(4)
})

test("an invalid URL is reported with the part and the reason", async ({ page, server, agent }) => {
  await startRun(agent, { intent: "Still listed" })
  await signIn(page, server)
  await page.goto(`${server.url}/?status=nonsense&since=ages&label=x`)
  const alert = page.getByRole("alert").filter({ hasText: filters.ignored })
  for (const problem of ["unknown status “nonsense”", "since: “ages”", "label: “x”"])
    await expect(alert).toContainText(problem)
  await expect(rows(page)).toHaveCount(1)
})

test("runs are grouped by urgency, with waiting times", async ({ page, server, agent }) => {
  const working = await startRun(agent, { intent: "Works" })
  const second = await startRun(agent, { intent: "Asks later" })
  const first = await startRun(agent, { intent: "Asks first" })
  const idle = await startRun(agent, { intent: "Waits for the next prompt" })
  const ended = await startRun(agent, { intent: "Has ended" })
  await completeRun(agent, ended)
  await reportProgress(agent, first, { waiting_for: "the **exact** words <b>of it</b>" })
  await reportProgress(agent, second, { waiting_for: "you", waiting_kind: "answer" })
  await reportProgress(agent, idle, { waiting_for: "the next prompt", waiting_kind: "prompt" })
  await signIn(page, server)
  await expect.poll(() => idsIn(page, "needs-you")).toEqual([first, second])
  expect(await idsIn(page, "working")).toEqual([working])
  expect(await idsIn(page, "idle")).toEqual([idle])
  expect(await idsIn(page, "ended")).toEqual([ended])
  await expect(page.getByLabel(GRID.live).locator("[data-run-id]")).toHaveCount(4)
  await expect(row(page, first)).toContainText("the **exact** words <b>of it</b>")
  await expect(page).toHaveTitle(TEXT.documentTitle.needsYou(2))
  const icon = page.locator('link[rel="icon"]')
  await expect(icon).toHaveAttribute("href", /^data:image/)
  await reportProgress(agent, first, null)
  await reportProgress(agent, second, null)
  await away(page)
  await expect.poll(async () => (await idsIn(page, "working")).length).toBe(3)
  await expect(icon).not.toHaveAttribute("href", /^data:image/)
})

test("nothing moves while the mouse or keyboard is in the list; chips count pending updates", async ({
  page,
  server,
  agent,
}) => {
  const runs = []
  for (let k = 0; k < 4; k++) runs.push(await startRun(agent, { intent: `Run ${k}` }))
  const [first = "", second = "", third = ""] = runs
  await signIn(page, server)
  await expect(rows(page)).toHaveCount(4)
  await row(page, second).hover()
  const places = () => rows(page).evaluateAll((all) => all.map((one) => one.getBoundingClientRect().top))
  const before = await places()
  await reportProgress(agent, first, { waiting_for: "you" })
  await completeRun(agent, third)
  const fresh = await startRun(agent, { intent: "Fresh" })
  const moved = page.getByRole("button", { name: GRID.movedRuns(2) })
  await expect(moved).toBeVisible()
  await expect(page.getByRole("button", { name: GRID.newRuns(1) })).toBeVisible()
  await expect(row(page, first)).toHaveAttribute("data-state", "waiting")
  expect(await places()).toEqual(before)
  // The mouse moves to the button; the focus stays in the list.
  await page.keyboard.press("j")
  await moved.click()
  await expect(row(page, first)).toHaveAttribute("data-section", "needs-you")
  await expect(row(page, third)).toHaveAttribute("data-section", "ended")
  await expect(row(page, fresh)).toBeVisible()
  await expect(moved).toHaveCount(0)
  await expect(grid(page)).toBeFocused()
  await away(page)
  await completeRun(agent, second)
  await expect(page.getByRole("button", { name: GRID.movedRuns(1) })).toBeVisible()
  await page.getByRole("heading", { name: TEXT.title }).click()
  await page.evaluate(() => (document.activeElement as HTMLElement).blur())
  await expect(row(page, second)).toHaveAttribute("data-section", "ended")
})

test("new runs don't move the rows at the scroll position", async ({ page, server, agent }) => {
  for (let k = 0; k < 60; k++) await completeRun(agent, await startRun(agent, { intent: `Run ${k}.` }))
  await signIn(page, server)
  await expect(rows(page).first()).toContainText("Run 59.")
  await page.mouse.wheel(0, 600)
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(500)
  const seen = rows(page).filter({ hasText: "Run 34." })
  await expect(seen).toBeInViewport()
  const before = (await seen.boundingBox())?.y
  for (let k = 0; k < 3; k++) await startRun(agent, { intent: `Fresh ${k}`, agent_id: `e2e/fresh-${k}` })
  const button = page.getByRole("button", { name: GRID.newRuns(3) })
  await expect(button).toBeVisible()
  expect((await seen.boundingBox())?.y).toBe(before)
  await button.click()
  await expect(button).toHaveCount(0)
  await expect(grid(page).getByText("Fresh 2")).toBeInViewport()
})

test("sections fold, and their headers stay visible while scrolling", async ({ page, server, agent }) => {
  const live = await startRun(agent, { intent: "Works" })
  for (let k = 0; k < 60; k++) await completeRun(agent, await startRun(agent, { intent: `Run ${k}` }))
  await signIn(page, server)
  await page.mouse.wheel(0, 900)
  const ended = page.getByRole("button", { name: GRID.foldSection(GRID.sections.ended, 60) })
  await expect(ended).toBeInViewport()
  await expect(page.getByRole("columnheader", { name: GRID.columns.cost })).toBeInViewport()
  await ended.click()
  await expect(page.locator('[data-run-id][data-section="ended"]')).toHaveCount(0)
  await expect(row(page, live)).toBeVisible()
  await page.reload()
  await expect(row(page, live)).toBeVisible()
  await expect(page.locator('[data-run-id][data-section="ended"]')).toHaveCount(0)
  // The keyboard can also move to a folded section, and Enter expands it.
  await page.keyboard.press("G")
  await page.keyboard.press("Enter")
  await expect(page.locator('[data-run-id][data-section="ended"]').first()).toBeVisible()
})

test("agents over time folds, obeys the filter, and its bars open runs", async ({ page, server, agent }) => {
  const first = await startRun(agent, { intent: "In the upper lane", agent_id: "e2e/a-lane" })
  await startRun(agent, { intent: "In the lower lane", agent_id: "e2e/b-lane" })
  await signIn(page, server)
  const lanes = page.getByRole("list", { name: TEXT.lanes.label })
  await expect(lanes.getByRole("listitem")).toHaveCount(2)
  await page.getByText("5m", { exact: true }).click()
  await expect(page).toHaveURL(/range=5m/)
  const lane = lanes.getByRole("listitem").first()
  await expect(lane).toContainText("a-lane")
  const [canvas, name] = [await page.locator(".lane-canvas").boundingBox(), await lane.boundingBox()]
  if (canvas === null || name === null) throw new Error("no lanes")
  const pointed = page.locator(".lane-canvas.cursor-pointer")
  const y = name.y + name.height / 2
  await expect(async () => {
    for (let x = canvas.x + canvas.width - 2; x > canvas.x + canvas.width * 0.8; x -= 2) {
      await page.mouse.move(x, y)
      if ((await pointed.count()) > 0) return
    }
    throw new Error("no bar yet")
  }).toPass()
  await expect(page.locator("body > div").filter({ hasText: "In the upper lane" }).last()).toBeVisible()
  await page.mouse.down()
  await page.mouse.up()
  await expect(page).toHaveURL(new RegExp(`/runs/${first}`))
  await page.goBack()
  await lanes.getByRole("link", { name: /b-lane/ }).click()
  await expect(page).toHaveURL(/agent=e2e%2Fb-lane/)
  await expect(lanes.getByRole("listitem")).toHaveCount(1)
  await page.getByRole("button", { name: TEXT.lanes.label }).click()
  await expect(lanes).toHaveCount(0)
  await page.reload()
  await expect(rows(page)).toHaveCount(1)
  await expect(lanes).toHaveCount(0)
})

test("without runs, the page explains how to connect an agent", async ({ page, server }) => {
  await signIn(page, server)
  await expect(page.getByRole("heading", { name: TEXT.empty.title })).toBeVisible()
  await expect(page.getByText(`$ cat ${server.dataDir}/agent.token`)).toBeVisible()
  await expect(page.getByText("npm run demo")).toBeVisible()
  const snippet = page.getByRole("region", { name: connect.snippet.region })
  await expect(snippet).toContainText(`npm install ${server.url}/packages/turnline-agent.tgz`)
  await snippet.getByText("Python", { exact: true }).click()
  const install = snippet.getByText(/pip install http\S+\.whl$/)
  const [wheel = ""] = /http\S+/.exec((await install.textContent()) ?? "") ?? []
  expect((await fetch(wheel)).status).toBe(200)
})

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test("a row shows state, reason, errors and cost on two lines, and its actions on touch", async ({
    page,
    server,
    agent,
  }) => {
    const first = await startRun(agent, { intent: "First by touch" })
    await recordTurns(agent, first, ONE_OF_EACH)
    await reportProgress(agent, first, { waiting_for: "approval of a refund" })
    const second = await startRun(agent, { intent: "Second by touch" })
    await signIn(page, server)
    const more = (intent: string) => page.getByRole("button", { name: GRID.more(intent) })
    await expect(row(page, first)).toContainText("approval of a refund")
    await expect(row(page, first)).toContainText("$0.0123")
    await expect(row(page, first).getByText("✗")).toBeVisible()
    expect((await row(page, first).boundingBox())?.height).toBeLessThanOrEqual(60)
    await expect(row(page, first).getByRole("button", { name: compare.link })).toBeHidden()
    await more("First by touch").tap()
    await row(page, first).getByRole("button", { name: compare.link }).tap()
    await row(page, second)
      .getByRole("button", { name: compare.toggle.with("First by touch") })
      .tap()
    await expect(page.locator("main[data-page=compare]")).toBeVisible()
    expect(page.url()).toContain(second)
    await expectNoSideways(page, "compare")
  })

  test("the error of a run in trouble and of a failed run is readable", async ({ page, server, agent }) => {
    const error = { message: "connect ECONNREFUSED warehouse.internal:5432" }
    const turn = { tool: "copy", error, cost_usd: 12.34 }
    const intent = "Copy orders into the warehouse"
    const troubled = await startRun(agent, { intent, agent_id: "e2e/a-long-name-of-an-agent" })
    await recordTurns(agent, troubled, [turn, turn, turn])
    const failed = await startRun(agent, { intent, agent_id: "e2e/a-long-name-of-an-agent" })
    await recordTurns(agent, failed, [turn])
    await completeRun(agent, failed, "failure", "The copy of the orders failed.")
    await signIn(page, server)
    await expect(row(page, troubled)).toHaveAttribute("data-section", "trouble")
    for (const run of [troubled, failed]) {
      for (const text of [error.message, intent]) {
        const line = row(page, run).getByText(text, { exact: true })
        await expect(line).toBeVisible()
        expect(await line.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0)
      }
    }
  })
})
