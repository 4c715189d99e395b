import type { Page } from "@playwright/test"
import { strings as TEXT } from "@/components/runs/strings"
import { type Client, connectClient, expect, test } from "./fixtures"
import { openRun, runMain, runRow, runRows, signIn } from "./pages"
import { completeRun, recordTurns, reportProgress, startRun, type TurnIn } from "./seeds"

const { cells, counters, grid: GRID, documentTitle } = TEXT
const SILENT_MS = 2_000
const TWELVE_MINUTES_MS = 720_000

test.use({ env: { TURNLINE_TROUBLE_SILENT_MS: String(SILENT_MS), TURNLINE_GRACE_MS: "600000" } })

const idsIn = (page: Page, section: string) =>
  runRows(page).evaluateAll(
    (rows, name) =>
      rows
        .filter((row) => row.getAttribute("data-section") === name)
        .map((row) => row.getAttribute("data-run-id")),
    section,
  )
const counter = (page: Page, label: string, count: number) =>
  page.getByRole("button", { name: counters.name(label, count), exact: true })
const quota: TurnIn = { tool: "fetch", error: { message: "429 quota of tenant 118\nretry later" } }
const sameCall: TurnIn = { tool: "bash", parameters: { command: "make" }, output: "nothing to be done" }

/** Starts a run in which a tool is running, so that it isn't silent. */
async function startBusy(
  agent: Client,
  name: string,
  {
    labels,
    turns = [],
    startedAgoMs = 0,
  }: { labels?: Record<string, string>; turns?: TurnIn[]; startedAgoMs?: number } = {},
): Promise<string> {
  const started_at = new Date(Date.now() - startedAgoMs).toISOString()
  const run = await startRun(agent, {
    intent: `Is ${name}`,
    agent_id: `e2e/${name}`,
    ...(startedAgoMs > 0 && { started_at }),
    ...(labels && { labels }),
  })
  await recordTurns(agent, run, turns)
  await reportProgress(agent, run, { tool: "bash", parameters: { command: "make" }, started_at })
  return run
}

/** Starts a run in each kind of trouble, and one without trouble. */
async function startAll(agent: Client, leaving: Client) {
  const fine = await startBusy(agent, "fine")
  const errors = await startBusy(agent, "failing", { turns: [quota, quota, quota] })
  const looping = await startBusy(agent, "looping", { turns: [sameCall, sameCall, sameCall, sameCall] })
  const hanging = await startBusy(agent, "hanging", { startedAgoMs: TWELVE_MINUTES_MS })
  const silent = await startRun(agent, { intent: "Is silent", agent_id: "e2e/silent" })
  const disconnected = await startBusy(leaving, "gone")
  leaving.close()
  const turns: TurnIn[] = [{ message: "Thinking hard", cost_usd: 2 }]
  const costly = await startBusy(agent, "costly", { labels: { budget_usd: "1.50" }, turns })
  return { fine, errors, looping, hanging, silent, disconnected, costly }
}

test("all six kinds of trouble are shown with their reasons, counted, filtered, and in one section", async ({
  page,
  server,
  agent,
}) => {
  const { fine, ...inTrouble } = await startAll(agent, await connectClient(server.url, server.agentToken))
  const reasons: Record<keyof typeof inTrouble, RegExp> = {
    errors: /3 errors in 5 min.*429 quota of tenant 118/,
    looping: /same call 4×/,
    hanging: /bash for 12m/,
    silent: /silent for \d+[sm]/,
    disconnected: /disconnected.*incomplete in \d/,
    costly: /\$2\.00, over its budget of \$1\.50/,
  }
  await signIn(page, server)
  for (const [kind, run] of Object.entries(inTrouble)) {
    await expect(runRow(page, run)).toHaveAttribute("data-trouble", kind)
    await expect(runRow(page, run)).toHaveAttribute("data-section", "trouble")
  }
  for (const kind of Object.keys(reasons) as (keyof typeof reasons)[])
    await expect(runRow(page, inTrouble[kind])).toContainText(reasons[kind])
  await expect(runRow(page, fine)).toHaveAttribute("data-section", "working")
  await expect(runRow(page, fine)).not.toHaveAttribute("data-trouble", /./)
  await expect(page.getByRole("button", { name: GRID.foldSection(GRID.sections.trouble, 6) })).toBeVisible()
  await expect(page).toHaveTitle(documentTitle.trouble(6))
  await expect(page.locator('link[rel="icon"]')).toHaveAttribute("href", /^data:image/)

  await counter(page, counters.trouble, 6).click()
  await expect(counter(page, counters.trouble, 6)).toHaveAttribute("aria-pressed", "true")
  await expect(page).toHaveURL(/trouble/)
  await expect(runRows(page)).toHaveCount(6)
  await expect(runRow(page, fine)).toHaveCount(0)
  await page.reload()
  await expect(runRows(page)).toHaveCount(6)
  await expect(counter(page, counters.live, 7)).toBeVisible()
  // Counters respect the filter.
  await page.goto(`${server.url}/?agent=e2e%2Flooping`)
  await expect(counter(page, counters.trouble, 1)).toBeVisible()
  await expect(counter(page, counters.live, 1)).toBeVisible()
})

test("the run page says for how long a run has been silent, and keeps counting like the list", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Is silent" })
  await signIn(page, server)
  await openRun(page, server, run)
  const reason = runMain(page).getByText(/^silent for \d+(s|m)/)
  await expect(reason).toBeVisible()
  const first = (await reason.textContent()) ?? ""
  await expect(reason).not.toHaveText(first)
})

test("a run leaves the section when its trouble is over", async ({ page, server, agent }) => {
  const { errors, looping, silent, hanging } = await startAll(
    agent,
    await connectClient(server.url, server.agentToken),
  )
  await signIn(page, server)
  await expect.poll(async () => (await idsIn(page, "trouble")).length).toBe(6)
  // The loop ends with a different call, the silence with activity, the hanging tool with its result, and the errors with
  // the run.
  await recordTurns(agent, looping, [{ tool: "bash", parameters: { command: "ls" } }])
  await reportProgress(agent, looping, { tool: "bash" })
  await reportProgress(agent, silent, { tool: "bash" })
  await recordTurns(agent, hanging, [{ tool: "bash", output: "done" }])
  await reportProgress(agent, hanging, { tool: "edit" })
  await completeRun(agent, errors, "failure", "Out of quota")
  await expect(counter(page, counters.trouble, 2)).toBeVisible()
  for (const run of [looping, silent, hanging])
    await expect(runRow(page, run)).toHaveAttribute("data-section", "working")
  await expect(runRow(page, errors)).toHaveAttribute("data-section", "ended")
  await expect(runRow(page, errors)).not.toHaveAttribute("data-trouble", /./)
})

test("counter and section agree at every moment", async ({ page, server, agent }) => {
  const runs = [await startBusy(agent, "failing", { turns: [quota, quota, quota] })]
  await signIn(page, server)
  await expect(counter(page, counters.trouble, 1)).toBeVisible()
  await page.evaluate((label) => {
    const differences: string[] = []
    const read = () => {
      const texts = [...document.querySelectorAll("button[aria-pressed]")].map((one) => one.textContent ?? "")
      const counted = texts.find((text) => text.startsWith(label))
      const headed = document.querySelector(
        "[role=none][data-section=trouble] [role=row] button",
      )?.textContent
      if (counted !== (headed ?? `${label} 0`)) differences.push(`${counted} / ${headed}`)
    }
    new MutationObserver(read).observe(document.body, { subtree: true, childList: true, characterData: true })
    Object.assign(window, { differences })
  }, counters.trouble)
  for (let more = 0; more < 5; more++) {
    const run = await startBusy(agent, `failing-${more}`, { turns: [quota, quota, quota] })
    runs.push(run)
    await expect(runRow(page, run)).toHaveAttribute("data-section", "trouble")
  }
  for (const run of runs.slice(2)) {
    await completeRun(agent, run, "failure")
    await expect(runRow(page, run)).toHaveAttribute("data-section", "ended")
  }
  await expect(counter(page, counters.trouble, 2)).toBeVisible()
  expect(await page.evaluate(() => Reflect.get(window, "differences"))).toEqual([])
})

test("a run in trouble that waits for someone is under “Needs you”, and counted as both", async ({
  page,
  server,
  agent,
}) => {
  const run = await startBusy(agent, "asking", { turns: [quota, quota, quota] })
  await reportProgress(agent, run, { waiting_for: "approval to raise the quota" })
  await signIn(page, server)
  await expect(runRow(page, run)).toHaveAttribute("data-section", "needs-you")
  await expect(runRow(page, run)).toHaveAttribute("data-trouble", "errors")
  await expect(runRow(page, run)).toContainText(/approval to raise the quota.*3 errors in 5 min/)
  await expect(counter(page, counters.needsYou, 1)).toBeVisible()
  await expect(counter(page, counters.trouble, 1)).toBeVisible()
  await expect(page).toHaveTitle(documentTitle.needsYou(1))
  const other = await startBusy(agent, "failing", { turns: [quota, quota, quota] })
  await expect(counter(page, counters.trouble, 2)).toBeVisible()
  await expect(page.getByRole("button", { name: GRID.foldSection(GRID.sections.trouble, 1) })).toBeVisible()
  await expect(page.getByText(GRID.moreInNeedsYou(1))).toBeVisible()
  await completeRun(agent, other)
  await reportProgress(agent, run, null)
  await expect(page).toHaveTitle(documentTitle.trouble(1))
  await expect(runRow(page, run)).toHaveAttribute("data-section", "trouble")
})

test("a failed run keeps its last error after its end, as the reason and on hover", async ({
  page,
  server,
  agent,
}) => {
  const worded = await startBusy(agent, "worded", { turns: [quota, { message: "I give up" }] })
  await completeRun(agent, worded, "failure", "The supplier refused")
  const wordless = await startBusy(agent, "wordless", { turns: [quota] })
  await completeRun(agent, wordless, "give_up", "")
  const good = await startBusy(agent, "good", { turns: [quota] })
  await completeRun(agent, good, "success", "Second try worked")
  await signIn(page, server)
  const errors = (run: string) => runRow(page, run).locator('[data-column="errors"] [title]')
  for (const run of [worded, wordless, good])
    await expect(errors(run)).toHaveAttribute("title", cells.lastError(1, "429 quota of tenant 118"))
  await expect(runRow(page, worded)).toContainText(/The supplier refused.*429 quota of tenant 118/)
  await expect(runRow(page, wordless)).toContainText("429 quota of tenant 118")
  await expect(runRow(page, good)).toContainText("Second try worked")
  await expect(runRow(page, good)).not.toContainText("429")
  await server.crashAndRestart()
  await page.reload()
  await expect(runRow(page, wordless)).toContainText("429 quota of tenant 118")
})
