import type { Page } from "@playwright/test"
import { strings as compare } from "@/components/compare/strings"
import { strings as connect } from "@/components/connect/strings"
import { strings as runs } from "@/components/runs/strings"
import { expect, test } from "./fixtures"
import { signIn } from "./pages"
import { completeRun, recordTurns, reportProgress, someTurns, startRun } from "./seeds"

const list = (page: Page) => page.getByRole("list", { name: "Runs", exact: true })
const wall = (page: Page) => page.getByRole("list", { name: "Live runs" })
const rows = (page: Page) => list(page).locator("[data-run-id]")

test("every filter narrows the list, stands in the address, and survives a reload", async ({
  page,
  server,
  agent,
}) => {
  const failed = await startRun(agent, {
    intent: "Deploy the shop",
    agent_id: "e2e/deploy",
    labels: { env: "prod" },
  })
  await recordTurns(agent, failed, [{ tool: "bash", output: "the zeppelin exploded over the harbour" }])
  await completeRun(agent, failed, "failure", "It would not start")
  const good = await startRun(agent, {
    intent: "Write the docs",
    agent_id: "e2e/writer",
    labels: { env: "test" },
  })
  await completeRun(agent, good)
  const live = await startRun(agent, { intent: "Crawl the web", agent_id: "e2e/crawler" })
  const asking = await startRun(agent, { intent: "Refund an order", agent_id: "e2e/support" })
  await reportProgress(agent, asking, { waiting_for: "approval of a refund" })
  await signIn(page, server)
  await expect(rows(page)).toHaveCount(4)
  const only = async (runs: string[], address: RegExp) => {
    const shown = async () =>
      (await rows(page).evaluateAll((all) => all.map((row) => row.getAttribute("data-run-id")))).sort()
    await expect.poll(shown).toEqual([...runs].sort())
    await expect(page).toHaveURL(address)
    await page.reload()
    await expect.poll(shown).toEqual([...runs].sort())
  }
  const counter = (name: RegExp) => page.getByRole("group", { name: /counts/i }).getByRole("button", { name })
  await expect(counter(/^Live/)).toContainText("2")
  await expect(counter(/^Waiting/)).toContainText("1")
  await expect(counter(/^Failed/)).toContainText("1")
  await expect(counter(/^All/)).toContainText("4")
  await counter(/^Live/).click()
  await only([live, asking], /status=in_progress/)
  await counter(/^Waiting/).click()
  await only([asking], /waiting/)
  await counter(/^Failed/).click()
  await only([failed], /failed=today/)
  await counter(/^All/).click()
  await only([failed, good, live, asking], /\/$/)

  const search = page.getByRole("searchbox", { name: "Search", exact: true })
  await search.fill("zeppelin")
  await expect(rows(page)).toHaveCount(1)
  await expect(rows(page).first()).toContainText("zeppelin")
  await only([failed], /q=zeppelin/)
  await rows(page).first().getByRole("link").click()
  await expect(page).toHaveURL(/turn=0/)
  await page.goBack()
  await search.fill("")
  await expect(rows(page)).toHaveCount(4)

  await page.getByLabel("Agent", { exact: true }).fill("e2e/writer")
  await page.getByLabel("Agent", { exact: true }).press("Enter")
  await only([good], /agent=e2e/)
  await page.getByRole("button", { name: "Clear" }).click()
  await page.getByLabel("Label", { exact: true }).fill("env=prod")
  await page.getByLabel("Label", { exact: true }).press("Enter")
  await only([failed], /label/)
  await page.getByLabel("Label", { exact: true }).fill("no equals sign")
  await page.getByLabel("Label", { exact: true }).press("Enter")
  await expect(page.getByLabel("Label", { exact: true })).toHaveAttribute("aria-invalid", "true")
  await page.getByRole("button", { name: "Clear" }).click()
  await page.getByRole("button", { name: /^Outcome/ }).click()
  await page.getByRole("menuitemcheckbox", { name: "success", exact: true }).click()
  await page.keyboard.press("Escape")
  await only([good], /outcome=success/)
  await page.getByRole("button", { name: "Clear" }).click()
  await page.getByRole("button", { name: /^Status/ }).click()
  await page.getByRole("menuitemcheckbox", { name: "completed" }).click()
  await page.keyboard.press("Escape")
  await only([failed, good], /status=completed/)
  await page.getByRole("button", { name: "Clear" }).click()
  await page.getByRole("button", { name: /^Started/ }).click()
  await page.getByRole("menuitem", { name: "last hour" }).click()
  await only([failed, good, live, asking], /after=/)
  await page.getByRole("button", { name: /^Started/ }).click()
  await page.getByRole("menuitem", { name: "between" }).click()
  await page.getByRole("dialog").getByLabel("to").fill("2020-01-01T00:00")
  await page.getByRole("button", { name: "Show" }).click()
  await expect(page.getByText("No run is what the filter asks for.")).toBeVisible()
  await page.getByRole("button", { name: "Show all" }).click()
  await expect(rows(page)).toHaveCount(4)
})

test("new runs never move what is looked at: a button says how many there are", async ({
  page,
  server,
  agent,
}) => {
  for (let k = 0; k < 60; k++) await completeRun(agent, await startRun(agent, { intent: `Run ${k}` }))
  await signIn(page, server)
  await expect(rows(page).first()).toContainText("Run 59")
  await page.mouse.wheel(0, 600)
  await expect.poll(() => page.evaluate(() => window.scrollY)).toBeGreaterThan(500)
  const seen = rows(page).filter({ hasText: "Run 34" })
  await expect(seen).toBeInViewport()
  const before = (await seen.boundingBox())?.y
  for (let k = 0; k < 3; k++) await startRun(agent, { intent: `Fresh ${k}`, agent_id: `e2e/fresh-${k}` })
  const button = page.getByRole("button", { name: "3 new runs" })
  await expect(button).toBeVisible()
  expect((await seen.boundingBox())?.y).toBe(before)
  await button.click()
  await expect(button).toHaveCount(0)
  await expect(list(page).getByText("Fresh 2")).toBeInViewport()
  // At the very top with nothing selected they come by themselves.
  await page.mouse.move(5, 5)
  await page.evaluate(() => window.scrollTo(0, 0))
  await startRun(agent, { intent: "Fresh at the top" })
  await expect(rows(page).first()).toContainText("Fresh at the top")
})

test("who waits for a person comes first, in the title and on the icon; child runs fold under their parent", async ({
  page,
  server,
  agent,
}) => {
  const first = await startRun(agent, { intent: "Works on", agent_id: "e2e/a" })
  const asks = await startRun(agent, { intent: "Asks for help", agent_id: "e2e/b" })
  await startRun(agent, { intent: "Works too", agent_id: "e2e/c" })
  const child = await startRun(agent, {
    intent: "A child",
    agent_id: "e2e/a",
    parent: { run_id: first, turn_index: 0 },
  })
  await signIn(page, server)
  await expect(wall(page).locator("[data-run-id]")).toHaveCount(4)
  await expect(page).not.toHaveTitle(/waiting/)
  await reportProgress(agent, asks, { waiting_for: "the **exact** words <b>of it</b>" })
  await page.mouse.move(5, 5)
  const top = wall(page).locator("[data-run-id]").first()
  await expect(top).toHaveAttribute("data-run-id", asks)
  await expect(top).toHaveAttribute("data-state", "waiting")
  await expect(top).toContainText("the **exact** words <b>of it</b>")
  await expect(page).toHaveTitle(/^\(1 waiting\)/)
  const icon = page.locator('link[rel="icon"]')
  await expect(icon).toHaveAttribute("href", /^data:image/)
  await reportProgress(agent, asks, null)
  await expect(icon).not.toHaveAttribute("href", /^data:image/)

  await reportProgress(agent, first, { tool: "bash", parameters: { command: "npm test" } })
  const line = wall(page).locator(`[data-run-id="${first}"]`)
  await expect(line).toContainText("bash")
  await recordTurns(agent, first, someTurns(4))
  await expect(line).toHaveAttribute("data-cursor", "4")

  const parent = list(page).locator(`[data-run-id="${first}"]`)
  await expect(list(page).locator(`[data-run-id="${child}"]`)).toHaveCount(0)
  await parent.getByRole("button", { name: "Unfold 1 child run" }).click()
  await expect(list(page).locator(`[data-run-id="${child}"]`)).toBeVisible()
  await parent.getByRole("button", { name: "Fold 1 child run" }).click()
  await expect(list(page).locator(`[data-run-id="${child}"]`)).toHaveCount(0)

  const lanes = page.getByRole("list", { name: "Agents over time" })
  await expect(lanes.getByRole("listitem")).toHaveCount(3)
  await page.getByText("7d", { exact: true }).click()
  await expect(page).toHaveURL(/range=7d/)
  const canvas = page.getByRole("img", { name: "Runs as bars" })
  const lane = await lanes.getByRole("listitem").filter({ hasText: "e2e/c" }).boundingBox()
  const area = await canvas.boundingBox()
  if (lane === null || area === null) throw new Error("the lanes are drawn")
  // Seven days are seven days and their fiftieth part wide: a run of now stands at the end of them.
  await page.mouse.click(area.x + area.width / 1.02 - 1, lane.y + lane.height / 2)
  await expect(page).toHaveURL(/\/runs\//)
  await expect(page.getByRole("heading", { name: "Works too" })).toBeVisible()
})

test("a bar in the lane of an agent opens its run, and the range is chosen", async ({
  page,
  server,
  agent,
}) => {
  const first = await startRun(agent, { intent: "In the upper lane", agent_id: "e2e/a-lane" })
  await startRun(agent, { intent: "In the lower lane", agent_id: "e2e/b-lane" })
  await signIn(page, server)
  await page.getByText("5m", { exact: true }).click()
  const lane = page.getByRole("list", { name: "Agents over time" }).getByRole("listitem").first()
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
})

test("without a run the page says how to connect an agent, as it works", async ({ page, server }) => {
  await signIn(page, server)
  await expect(page.getByRole("heading", { name: runs.empty.title })).toBeVisible()
  await expect(page.getByText("$ cat .turnline/agent.token")).toBeVisible()
  await expect(page.getByText("npm run demo")).toBeVisible()
  await expect(page.getByRole("region", { name: connect.snippet.region })).toContainText(server.url)
})

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })

  test("the tools of a row come out by touch, and lead to a comparison", async ({ page, server, agent }) => {
    await startRun(agent, { intent: "First by touch" })
    const second = await startRun(agent, { intent: "Second by touch" })
    await signIn(page, server)
    const list = page.getByRole("list", { name: "Runs", exact: true })
    const row = (intent: string) => list.getByRole("listitem").filter({ hasText: intent })
    await expect(row("First by touch").getByRole("button", { name: /^Compare with/ })).toBeHidden()
    await row("First by touch").getByRole("button", { name: "More: First by touch" }).tap()
    await row("First by touch").getByRole("button", { name: compare.link }).tap()
    await row("Second by touch")
      .getByRole("button", { name: compare.toggle.with("First by touch") })
      .tap()
    await expect(page.locator("main[data-page=compare]")).toBeVisible()
    expect(page.url()).toContain(second)
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true)
  })
})
