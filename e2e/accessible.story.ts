import { strings as connect } from "@/components/connect/strings"
import { strings as shell } from "@/components/shell/strings"
import { expectAccessible, expectEveryWidth } from "./audit"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, runMain, runRows, showAs, signIn, turnRow } from "./pages"
import { completeRun, ONE_OF_EACH, recordTurns, reportProgress, startRun } from "./seeds"

test.setTimeout(120_000)

test("every page except runs meets WCAG 2.2 AA in both themes", async ({ page, server }) => {
  await page.goto(server.url)
  await expect(page.locator("main[data-page=sign-in]")).toBeVisible()
  await expectAccessible(page, "sign-in")
  await page.goto(`${server.url}/?token=tl_wrong_0000`)
  await expect(page.getByText(shell.signInPage.wrong)).toBeVisible()
  await expectAccessible(page, "sign-in refused")
  await signIn(page, server)
  await expect(page.getByText("npm run demo")).toBeVisible()
  await expectAccessible(page, "runs, none yet")
  for (const [path, ready, what] of [
    ["/connect", connect.log.title, "connect"],
    ["/runs/no-such-run", "No such run", "no such run"],
    ["/nowhere", shell.notFound.title, "not found"],
  ] as const) {
    await page.goto(server.url + path)
    await expect(page.getByText(ready).first()).toBeVisible()
    await expectAccessible(page, what)
    await expectEveryWidth(page, what)
  }
})

test("the Runs page and its menus and dialogs meet WCAG 2.2 AA in both themes", async ({
  page,
  server,
  agent,
}) => {
  const parent = await startRun(agent, { intent: "Research the flake", agent_name: "Researcher" })
  const child = await startRun(agent, { intent: "Read the log", parent: { run_id: parent, turn_index: 0 } })
  await recordTurns(agent, child, ONE_OF_EACH)
  await completeRun(agent, child, "failure", "It could not be read")
  await recordTurns(agent, parent, [{ kind: "agent", tool: "research", child_run_id: child }])
  const waiting = await startRun(agent, { intent: "Refund order 8841", agent_id: "e2e/support" })
  await recordTurns(agent, waiting, ONE_OF_EACH)
  await reportProgress(agent, waiting, { tool: "refund", waiting_for: "approval of a refund" })
  for (const status of ["success", "partial_success", "give_up", "timeout", "done"] as const) {
    const run = await startRun(agent, {
      intent: `Ends as ${status}`,
      agent_id: `e2e/${status}`,
      labels: { env: "ci" },
    })
    await recordTurns(agent, run, ONE_OF_EACH.slice(0, 2))
    await completeRun(agent, run, status)
  }
  await signIn(page, server)
  await expect(runRows(page)).toHaveCount(7)
  await expectAccessible(page, "runs")
  await expectEveryWidth(page, "runs")
  await page.getByRole("button", { name: "Outcome" }).click()
  await expect(page.getByRole("menu")).toBeVisible()
  await expectAccessible(page, "a filter's menu")
  await page.keyboard.press("Escape")
  await page.keyboard.press("?")
  await expect(page.getByRole("dialog", { name: shell.keys.title })).toBeVisible()
  await expectAccessible(page, "keys")
  await page.keyboard.press("Escape")
  await page.keyboard.press("Control+k")
  await expect(page.getByRole("option").first()).toBeVisible()
  await expectAccessible(page, "go to")
  await page.keyboard.press("Escape")
  await page.getByRole("button", { name: shell.menu.label }).click()
  await expectAccessible(page, "menu")
})

test("a run, its inspector, transcript and dialogs meet WCAG 2.2 AA in both themes", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, {
    intent: "Fix the flaky test",
    outcome_description: "Green *three* times",
  })
  const child = await startRun(agent, { intent: "Research", parent: { run_id: run, turn_index: 6 } })
  await recordTurns(agent, child, ONE_OF_EACH.slice(0, 2))
  await recordTurns(agent, run, [...ONE_OF_EACH, { kind: "agent", tool: "research", child_run_id: child }])
  await reportProgress(agent, run, { tool: "deploy", text: "Asking…", waiting_for: "approval of: git push" })
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 7)
  await page.getByRole("button", { name: "Expand child runs" }).click()
  await expect(page.locator(`[data-turn-run="${child}"]`).first()).toBeVisible()
  await expectAccessible(page, "run")
  await expectEveryWidth(page, "run")
  for (const index of [0, 1, 2, 5]) {
    await turnRow(page, index).click()
    await expect(page.getByRole("region", { name: `Turn ${index}`, exact: true })).toBeVisible()
    await expectAccessible(page, `inspector of turn ${index}`)
  }
  await showAs(page, "Transcript")
  await expect(page.getByRole("feed", { name: "Transcript" })).toBeVisible()
  await expectAccessible(page, "transcript")
  await page.getByRole("button", { name: "Cancel run" }).first().click()
  await expect(page.getByRole("dialog")).toBeVisible()
  await expectAccessible(page, "cancel dialog")
  await page.keyboard.press("Escape")
  await page.setViewportSize({ width: 390, height: 844 })
  await expect(page.getByRole("dialog")).toBeVisible()
  await expectAccessible(page, "the inspector as a sheet")
  await expect(runMain(page)).toHaveAttribute("data-state", "waiting")
})
