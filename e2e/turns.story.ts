import type { Page } from "@playwright/test"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, runMain, showAs, signIn, turnRow } from "./pages"
import { completeRun, recordTurns, startRun, type TurnIn } from "./seeds"

const grid = (page: Page) => page.getByRole("treegrid", { name: "Turns" })
const facets = (page: Page) => page.getByRole("group", { name: "Filter turns" })
const failing: TurnIn = {
  tool: "bash",
  parameters: { command: "npm test" },
  error: { message: "429 Too Many Requests\nat quota" },
}

/** Twelve turns: six equal errors, two failed commands, a costly answer, and three files read. */
const MIXED: TurnIn[] = [
  ...Array.from({ length: 6 }, () => failing),
  { tool: "bash", parameters: { command: "make" }, exit_code: 2 },
  { tool: "bash", parameters: { command: "make all" }, exit_code: 1 },
  { kind: "model", message: "I will:\n1. Read the files", cost_usd: 2.5, duration_ms: 4_000 },
  ...["a.ts", "b.ts", "c.ts"].map((path) => ({ tool: "read", parameters: { path }, cost_usd: 0.01 })),
]

type KeyPress = Pick<KeyboardEventInit, "key" | "code" | "altKey" | "ctrlKey" | "isComposing" | "keyCode">

/** Captures what a page copies. */
async function watchClipboard(page: Page): Promise<() => Promise<string>> {
  await page.addInitScript(() => {
    const writeText = async (text: string) => sessionStorage.setItem("copied", text)
    Object.defineProperty(navigator, "clipboard", { value: { writeText } })
  })
  return () => page.evaluate(() => sessionStorage.getItem("copied") ?? "")
}

test("turns are filtered by facets, repeats fold, and turns can be sorted by cost", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Filter me" })
  await recordTurns(agent, run, MIXED)
  await completeRun(agent, run, "failure")
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, MIXED.length)

  await expect(turnRow(page, 0)).toHaveAttribute("data-repeat", "6")
  await expect(turnRow(page, 0)).toContainText("× 6")
  await expect(turnRow(page, 0)).toContainText("429 Too Many Requests")
  await expect(turnRow(page, 1)).toHaveCount(0)
  await turnRow(page, 0).getByRole("button", { name: "Expand 6 repeated turns" }).click()
  await expect(turnRow(page, 1)).toBeVisible()
  await expect(turnRow(page, 6)).toContainText("exit 2")
  await expect(turnRow(page, 8)).toContainText("1. Read the files")

  await facets(page).getByRole("button", { name: "Errors 6" }).click()
  await expect(grid(page)).toHaveAttribute("data-shown", "6")
  await expect(grid(page)).toHaveAttribute("data-total", "12")
  await expect(page.getByText("6 of 12 shown")).toBeVisible()
  await expect(page).toHaveURL(/[?&]filter=errors/)
  await page.getByRole("button", { name: "6 errors" }).click()
  await expect(grid(page)).toHaveAttribute("data-shown", "12")
  await facets(page).getByRole("button", { name: "Exit ≠ 0 2" }).click()
  await facets(page).getByRole("button", { name: "bash 8" }).click()
  await expect(grid(page)).toHaveAttribute("data-shown", "2")
  // The URL is updated with a delay, and the reload depends on it.
  await expect(page).toHaveURL(/exits.*bash/)
  await page.reload()
  await expect(grid(page)).toHaveAttribute("data-shown", "2")
  await page.keyboard.press("Escape")
  await expect(grid(page)).toHaveAttribute("data-shown", "12")

  await page.getByRole("button", { name: "Sort turns" }).click()
  await page.getByRole("menuitem", { name: "By cost" }).click()
  await expect(page.getByText("Sorted by cost, not by time")).toBeVisible()
  await expect(grid(page).locator("[data-turn-index]").first()).toHaveAttribute("data-turn-index", "8")
  await expect(turnRow(page, 8)).toContainText("$2.50")
})

test("sorted turns are shown from the top, and stay there while turns arrive", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Spend a lot" })
  const turn = (cost_usd: number): TurnIn => ({ kind: "model", message: `For $${cost_usd}`, cost_usd })
  await recordTurns(agent, run, [
    turn(0.5),
    turn(9),
    ...Array.from({ length: 120 }, (_, k) => turn(1 + k / 100)),
  ])
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 122)
  await expect(turnRow(page, 121)).toBeInViewport()
  await page.getByRole("button", { name: "Sort turns" }).click()
  await page.getByRole("menuitem", { name: "By cost" }).click()
  await expect(turnRow(page, 1)).toBeInViewport()
  await recordTurns(agent, run, [turn(0.1), turn(0.2)])
  const chip = page.getByRole("button", { name: "2 new turns" })
  await expect(chip).toBeVisible()
  await expect(turnRow(page, 1)).toBeInViewport()
  await chip.click()
  await expect(page.getByText("Sorted by cost, not by time")).toHaveCount(0)
  await expect(turnRow(page, 123)).toBeInViewport()
})

test("the transcript is a conversation and is copied in full", async ({ page, server, agent }) => {
  const copied = await watchClipboard(page)
  const run = await startRun(agent, { intent: "Talk to me" })
  const output = Array.from({ length: 40 }, (_, line) => `line ${line}`).join("\n")
  await recordTurns(agent, run, [
    {
      tool: "bash",
      prompt: "Why does it **fail**?",
      thinking: "Perhaps the clock.",
      message: "I run the tests.",
      parameters: { command: "npm test", timeout: 5 },
      output,
      exit_code: 1,
      duration_ms: 1_500,
    },
    {
      kind: "model",
      prompt: JSON.stringify([
        { role: "system", content: "Be brief." },
        { role: "user", content: "And?" },
      ]),
    },
    { kind: "tool", tool: "read", output: "no such file", error: { message: "no such file" } },
    { kind: "system", event: "compaction" },
  ])
  await completeRun(agent, run, "success", "It was the clock")
  await signIn(page, server)
  await openRun(page, server, run, "?view=transcript")
  await expectWhole(page, 4)
  const feed = page.getByRole("feed", { name: "Transcript" })
  const roles = ["human", "model", "tool", "system", "human", "tool", "system"]
  await expect(feed.locator("article[data-role]")).toHaveCount(roles.length)
  expect(
    await feed
      .locator("article[data-role]")
      .evaluateAll((all) =>
        all
          .toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
          .map((one) => one.getAttribute("data-role")),
      ),
  ).toEqual(roles)
  const call = feed.locator("[data-role=tool]").first()
  await expect(call).toContainText("$ npm test")
  await expect(call).toContainText("timeout: 5")
  await expect(call).toContainText("exit 1")
  await expect(call).toContainText("1.5s")
  await call.getByRole("button", { name: "Show 28 more lines" }).click()
  await expect(call.getByText("line 39")).toBeVisible()
  await expect(feed.getByText("Perhaps the clock.")).toBeVisible()
  await expect(feed.getByText("no such file")).toHaveCount(1)
  await page.getByRole("button", { name: "Copy as Markdown" }).click()
  await expect.poll(copied).toContain("line 39")
  for (const part of ["# Talk to me", "Why does it **fail**?", "Perhaps the clock.", "It was the clock"])
    expect(await copied()).toContain(part)
})

test("a copied link restores the view, and an impossible run id has an error page", async ({
  page,
  server,
  agent,
}) => {
  const copied = await watchClipboard(page)
  const run = await startRun(agent, { intent: "Share me" })
  await recordTurns(agent, run, MIXED)
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, MIXED.length)
  await facets(page).getByRole("button", { name: "read 3" }).click()
  await page.getByRole("searchbox", { name: "Search turns" }).fill("b.ts")
  await turnRow(page, 10).click()
  await showAs(page, "Transcript")
  await page.getByRole("button", { name: "Copy a link to this view" }).click()
  await expect.poll(copied).toContain(`/runs/${run}?`)
  const link = new URL(await copied())
  expect(Object.fromEntries(link.searchParams)).toEqual({
    ...{ turn: "10", view: "transcript", q: "b.ts", filter: encodeURIComponent("tool:read") },
  })
  await page.goto(link.href)
  await expect(page.getByRole("feed", { name: "Transcript" })).toBeVisible()
  await expect(page.getByRole("searchbox", { name: "Search turns" })).toHaveValue("b.ts")
  await expect(facets(page).getByRole("button", { name: "read 3" })).toHaveAttribute("aria-pressed", "true")

  for (const id of ["%", "%E0%A4", "x".repeat(140)]) {
    const response = await page.goto(`${server.url}/runs/${id}`)
    expect(response?.status()).toBe(200)
    await expect(page.getByRole("heading", { name: "No such run" })).toBeVisible()
  }
})

test("shortcuts follow the character, or the key's position in other alphabets, and don't interfere with input methods", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Type" })
  await recordTurns(agent, run, MIXED)
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, MIXED.length)
  const press = (init: KeyPress) =>
    page.evaluate(
      (given) => window.dispatchEvent(new KeyboardEvent("keydown", { ...given, bubbles: true })),
      init,
    )
  await press({ key: "j", code: "KeyJ", isComposing: true })
  await press({ key: "Process", code: "KeyJ", keyCode: 229 })
  await expect(page.locator("[data-turn-index][aria-selected=true]")).toHaveCount(0)
  // Russian: the key at the position of J.
  await press({ key: "о", code: "KeyJ" })
  await expect(turnRow(page, 0)).toHaveAttribute("aria-selected", "true")
  // Dvorak: J is at the position of C.
  await press({ key: "j", code: "KeyC" })
  await expect(turnRow(page, 6)).toHaveAttribute("aria-selected", "true")
  await press({ key: "k", code: "KeyV" })
  // German: AltGr+9 is a bracket.
  await press({ key: "]", code: "Digit9", altKey: true, ctrlKey: true })
  await expect(turnRow(page, 1)).toBeVisible()
  await press({ key: "[", code: "Digit8", altKey: true, ctrlKey: true })
  await expect(turnRow(page, 1)).toHaveCount(0)

  const search = page.getByRole("searchbox", { name: "Search turns" })
  await search.fill("#8")
  await search.dispatchEvent("keydown", { key: "Enter", isComposing: true })
  await expect(turnRow(page, 0)).toHaveAttribute("aria-selected", "true")
  await search.press("Enter")
  await expect(turnRow(page, 8)).toHaveAttribute("aria-selected", "true")
})

test("the minimap shows every error: the more there are, the redder it is", async ({
  page,
  server,
  agent,
}) => {
  const began = Date.now() - 700_000
  const runOf = async (every: number) => {
    const run = await startRun(agent, { intent: `An error every ${every}` })
    const turns = Array.from(
      { length: 600 },
      (_, at): TurnIn => ({
        ...{ tool: "get", parameters: { page: at }, duration_ms: 900 },
        started_at: new Date(began + at * 1_000).toISOString(),
        ...(at % every === 0 && { error: { message: "HTTP 429" } }),
      }),
    )
    await recordTurns(agent, run, turns)
    await completeRun(agent, run, "failure")
    return run
  }
  const runs = [await runOf(60), await runOf(2), await runOf(1)]
  await signIn(page, server)
  /** Returns the share of the minimap's width whose error band is painted. */
  const redShare = async (run: string) => {
    await openRun(page, server, run)
    await expectWhole(page, 600)
    const canvas = page.getByRole("img", { name: "Run overview" }).locator("canvas")
    const read = () =>
      canvas.evaluate((element) => {
        if (!(element instanceof HTMLCanvasElement)) return 0
        const { width } = element
        const { data } = element.getContext("2d")?.getImageData(0, 1, width, 1) ?? { data: [] }
        let painted = 0
        for (let x = 0; x < width; x++) if ((data[x * 4 + 3] ?? 0) > 100) painted++
        return painted / width
      })
    await expect.poll(read).toBeGreaterThan(0)
    return read()
  }
  const [few = 0, many = 0, all = 0] = [
    await redShare(runs[0] ?? ""),
    await redShare(runs[1] ?? ""),
    await redShare(runs[2] ?? ""),
  ]
  expect(few).toBeLessThan(many)
  expect(all).toBeGreaterThan(0.8)
  await expect(runMain(page)).toHaveAttribute("data-outcome", "failure")
})
