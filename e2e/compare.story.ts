import type { Page } from "@playwright/test"
import { strings as TEXT } from "@/components/compare/strings"
import { expectAccessible } from "./audit"
import type { Client } from "./fixtures"
import { expect, test } from "./fixtures"
import { openRun, runRow, signIn } from "./pages"

type Turn = Record<string, unknown>

const bash = (command: string, more: Turn = {}): Turn => ({ tool: "bash", parameters: { command }, ...more })
const says = (message: string): Turn => ({
  kind: "model",
  message,
  usage: { input_tokens: 100, output_tokens: 20 },
})

async function aRun(agent: Client, intent: string, turns: Turn[], ended = true): Promise<string> {
  const started = await agent.ask("runs.start", { agent_id: "e2e/compare", intent })
  if (!started.ok) throw new Error(started.error.message)
  const { run_id } = started
  await record(agent, run_id, turns)
  if (ended) await agent.ask("runs.complete", { run_id, outcome: { status: "success", summary: "Done" } })
  return run_id
}

async function record(agent: Client, run_id: string, turns: Turn[]) {
  for (let at = 0; at < turns.length; at += 200)
    expect(await agent.ask("runs.record_turns", { run_id, turns: turns.slice(at, at + 200) })).toMatchObject({
      ok: true,
    })
}

const lines = (page: Page) => page.locator("[data-pair]")
const line = (page: Page, pair: string) => page.locator(`[data-pair="${pair}"]`)
const side = (page: Page, name: "A" | "B") => page.getByRole("region", { name: `Run ${name}`, exact: true })

const FIRST = [
  says("I look around"),
  bash("ls", { output: "a.ts" }),
  bash("npm test", { output: "1 failed", error: { message: "exit 1" } }),
  bash("cat a.ts", { output: "let a" }),
  bash("git status"),
]
const SECOND = [
  says("Let me see"),
  bash("ls", { output: "a.ts\nb.ts" }),
  bash("npm test", { output: "all passed" }),
  { tool: "edit", parameters: { path: "a.ts", text: "let b" } },
  bash("git status"),
  bash("git push"),
]

test("two runs are shown side by side, with differences marked and reachable by keyboard", async ({
  page,
  server,
  agent,
  offences,
}) => {
  const [a, b] = [await aRun(agent, "Fix it", FIRST), await aRun(agent, "Fix it again", SECOND)]
  await signIn(page, server)
  await page.goto(`${server.url}/compare?a=${a}&b=${b}`)
  await expect(page.locator("main[data-page=compare] h1")).toHaveText(TEXT.title)
  await expect(side(page, "A")).toContainText("Fix it")
  await expect(side(page, "B")).toContainText("Fix it again")
  const shown = () =>
    lines(page).evaluateAll((rows) =>
      rows.map((row) => `${row.getAttribute("data-pair")} ${row.getAttribute("data-differences")}`.trim()),
    )
  await expect
    .poll(shown)
    .toEqual(["0.0 text", "1.1 output", "2.2 error", "3. only_a", ".3 only_b", "4.4", ".5 only_b"])
  await expect(page.locator("[data-figure=turns] [data-delta]")).toHaveText("+1")
  await expect(page.locator("[data-figure=errors] [data-delta]")).toHaveText("−1")

  await page.keyboard.press("n")
  await expect(line(page, "2.2")).toHaveAttribute("aria-selected", "true")
  for (const index of [2, 2]) await expect(page.getByRole("region", { name: `Turn ${index}` })).toHaveCount(2)
  await page.keyboard.press("n")
  await page.keyboard.press("n")
  await expect(line(page, ".3")).toHaveAttribute("aria-selected", "true")
  await page.keyboard.press("p")
  await expect(line(page, "3.")).toHaveAttribute("aria-selected", "true")
  await page.keyboard.press("k")
  await page.keyboard.press("k")
  await expect(line(page, "1.1")).toHaveAttribute("aria-selected", "true")
  await page.keyboard.press("Escape")
  await expect(page.locator("[data-pair][aria-selected=true]")).toHaveCount(0)

  await line(page, "1.1").click()
  await page.getByText(TEXT.pair.difference, { exact: true }).click()
  const difference = page.getByRole("region", { name: TEXT.pair.difference, exact: true })
  await expect(difference).toContainText("b.ts")
  await expect(difference).toContainText(TEXT.pair.identical("Parameters"))
  await expect(page).toHaveURL(/pair=1\.1/)
  await page.reload()
  await expect(line(page, "1.1")).toHaveAttribute("aria-selected", "true")
  expect(offences).toEqual([])
})

test("a run in progress grows in place without moving the selected line", async ({ page, server, agent }) => {
  const steps = Array.from({ length: 400 }, (_, at) => bash(`step ${at}`))
  const [a, b] = [await aRun(agent, "Before", steps), await aRun(agent, "Now", steps.slice(0, 60), false)]
  await signIn(page, server)
  await page.goto(`${server.url}/compare?a=${a}&b=${b}&pair=58.58`)
  await expect(line(page, "58.58")).toHaveAttribute("aria-selected", "true")
  await expect(side(page, "B")).toHaveAttribute("data-state", "working")
  const before = await line(page, "58.58").boundingBox()
  await record(agent, b, [...steps.slice(60, 63), bash("something else"), ...steps.slice(63, 66)])
  await expect(line(page, "62.62")).toHaveAttribute("data-differences", "")
  await expect(line(page, ".63")).toHaveAttribute("data-differences", "only_b")
  await expect(line(page, "65.66")).toHaveAttribute("data-differences", "")
  expect(await line(page, "58.58").boundingBox()).toEqual(before)
  await expect(page.locator("[data-figure=turns] [data-delta]")).toHaveText("−333")
  await agent.ask("runs.complete", { run_id: b, outcome: { status: "failure", summary: "No" } })
  await expect(side(page, "B")).toHaveAttribute("data-outcome", "failure")
  expect(await line(page, "58.58").boundingBox()).toEqual(before)
})

test("runs with thousands of turns are compared, virtualized and folded", async ({ page, server, agent }) => {
  const steps = Array.from({ length: 3_000 }, (_, at) => bash(`step ${at}`))
  const other = steps.map((turn, at) => (at === 1_500 ? bash("another way") : turn))
  const [a, b] = [await aRun(agent, "Long", steps), await aRun(agent, "Long too", other)]
  await signIn(page, server)
  await page.goto(`${server.url}/compare?a=${a}&b=${b}`)
  await expect(line(page, "0.0")).toBeVisible()
  expect(await lines(page).count()).toBeLessThan(120)
  await page.keyboard.press("n")
  await expect(line(page, "1500.1500")).toHaveAttribute("data-differences", /^parameters/)
  await expect(line(page, "1500.1500")).toBeInViewport()
  await page.getByRole("button", { name: TEXT.toolbar.fold }).click()
  await expect(lines(page)).toHaveCount(5)
  await expect(page.locator("[data-fold]")).toHaveCount(2)
  await page.locator("[data-fold]").first().click()
  await expect(line(page, "1499.1499")).toBeVisible()
  await expect(page.locator("[data-fold]")).toHaveCount(1)
})

test("the run for the empty side is found by text, and sides can be swapped", async ({
  page,
  server,
  agent,
}) => {
  const [a, b] = [await aRun(agent, "Paint the fence", FIRST), await aRun(agent, "Mow the lawn", SECOND)]
  await signIn(page, server)
  await page.goto(`${server.url}/compare?a=${a}`)
  const field = page.getByRole("combobox", { name: TEXT.picker.field("B") })
  await field.fill("lawn")
  await expect(page.getByRole("option")).toHaveCount(1)
  await field.press("Enter")
  await expect(page).toHaveURL(new RegExp(`a=${a}&b=${b}`))
  await expect(line(page, "4.4")).toBeVisible()
  await page.getByRole("button", { name: TEXT.swap }).click()
  await expect(page).toHaveURL(new RegExp(`a=${b}&b=${a}`))
  await expect(side(page, "A")).toContainText("Mow the lawn")
  await expect(line(page, "5.")).toHaveAttribute("data-differences", "only_a")
  await page.goBack()
  await expect(field).toBeVisible()
  await page.goto(`${server.url}/compare?a=no-such-run&b=${b}`)
  await expect(side(page, "A")).toContainText(TEXT.head.notFound)
  await side(page, "A").getByRole("button", { name: TEXT.head.chooseAnother, exact: true }).click()
  await expect(page.getByRole("combobox", { name: TEXT.picker.field("A") })).toBeVisible()
})

test("a comparison starts from two rows of the list or from a run's page", async ({
  page,
  server,
  agent,
}) => {
  const [a, b] = [await aRun(agent, "First of two", FIRST), await aRun(agent, "Second of two", SECOND)]
  await signIn(page, server)
  const row = (id: string) => runRow(page, id)
  await row(a).hover()
  await row(a)
    .getByRole("button", { name: /compare/i })
    .click()
  await expect(page.getByRole("complementary", { name: TEXT.bar.label })).toContainText("First of two")
  await row(b)
    .getByRole("button", { name: /compare/i })
    .click()
  await expect(page).toHaveURL(new RegExp(`/compare\\?a=${a}&b=${b}`))
  await expect(line(page, "0.0")).toBeVisible()
  await openRun(page, server, b)
  await page.getByRole("link", { name: TEXT.link }).first().click()
  await expect(page).toHaveURL(new RegExp(`/compare\\?a=${b}$`))
  await page.getByRole("option").filter({ hasText: "First of two" }).click()
  await expect(page).toHaveURL(new RegExp(`/compare\\?a=${b}&b=${a}`))
})

test("a comparison meets WCAG 2.2 AA in both themes, empty, full and with a line open", async ({
  page,
  server,
  agent,
}) => {
  const [a, b] = [await aRun(agent, "Fix it", FIRST), await aRun(agent, "Fix it again", SECOND)]
  await signIn(page, server)
  await page.goto(`${server.url}/compare?a=${a}`)
  await expect(page.getByRole("option").first()).toBeVisible()
  await expectAccessible(page, "compare, one side empty")
  await page.goto(`${server.url}/compare?a=${a}&b=${b}`)
  await expect(line(page, "4.4")).toBeVisible()
  await expectAccessible(page, "compare")
  await line(page, "2.2").click()
  await expect(page.getByRole("region", { name: "Turn 2" })).toHaveCount(2)
  await expectAccessible(page, "compare, side by side")
  await page.getByText(TEXT.pair.difference, { exact: true }).click()
  await expect(page.getByRole("region", { name: TEXT.pair.difference, exact: true })).toContainText(
    "all passed",
  )
  await expectAccessible(page, "compare, difference")
  await page.getByRole("button", { name: TEXT.toolbar.fold }).click()
  await expectAccessible(page, "compare, folded")
})

test("S13: hostile contents stay text in a comparison", async ({ page, server, agent, offences }) => {
  const evil =
    "<img src=x onerror=alert(1)>\n\u202Egnp.exe \u001b]52;c;ZXZpbA==\u0007 [x](javascript:alert(1))"
  const turn = (command: string) => [{ ...bash(command, { output: evil }), tool: "<b>bash</b>" }]
  const [a, b] = [await aRun(agent, evil, turn(`${evil} 1`)), await aRun(agent, evil, turn(`${evil} 2`))]
  await signIn(page, server)
  await page.goto(`${server.url}/compare?a=${a}&b=${b}&pair=0.0`)
  await expect(line(page, "0.0")).toContainText("<b>bash</b>")
  await page.getByText(TEXT.pair.difference, { exact: true }).click()
  const difference = page.getByRole("region", { name: TEXT.pair.difference, exact: true })
  await expect(difference).toContainText("onerror=alert(1)")
  expect(await difference.locator("img, b, a").count()).toBe(0)
  expect(offences).toEqual([])
})

test.describe("on a phone", () => {
  test.use({ viewport: { width: 390, height: 844 }, hasTouch: true })

  test("sides are stacked, a line opens as a sheet, and nothing scrolls horizontally", async ({
    page,
    server,
    agent,
  }) => {
    const [a, b] = [await aRun(agent, "Fix it", FIRST), await aRun(agent, "Fix it again", SECOND)]
    await signIn(page, server)
    await page.goto(`${server.url}/compare?a=${a}&b=${b}`)
    await expect(line(page, "2.2")).toBeVisible()
    const [inA, inB] = [
      line(page, "2.2").locator("[data-side=a]"),
      line(page, "2.2").locator("[data-side=b]"),
    ]
    expect((await inA.boundingBox())?.y ?? 0).toBeLessThan((await inB.boundingBox())?.y ?? 0)
    await expect(inA.getByText("✗")).toBeVisible()
    await line(page, "2.2").tap()
    const sheet = page.getByRole("dialog")
    await expect(sheet).toContainText("all passed")
    await sheet.getByText(TEXT.pair.one("B", 2), { exact: true }).click()
    await expect(sheet.getByRole("region", { name: "Turn 2", exact: true })).toBeVisible()
    await sheet.getByRole("button", { name: TEXT.pair.close }).click()
    await expect(sheet).toHaveCount(0)
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(wide).toBeLessThanOrEqual(0)
  })
})
