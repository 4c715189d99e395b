import type { Page } from "@playwright/test"
import { strings as TEXT } from "@/components/notifications/strings"
import type { Client } from "./fixtures"
import { expect, test } from "./fixtures"
import { openRun, runMain, runRow, signIn } from "./pages"

type Raised = { title: string; body: string }

/** Replaces the browser's notifications, which tests can't see, with a recorder. */
async function recordNotices(page: Page, answer: "granted" | "denied" = "granted"): Promise<void> {
  await page.addInitScript((answered) => {
    const raised: { title: string; body: string }[] = []
    let asked = 0
    class Recorder {
      static permission = sessionStorage.getItem("notices") ?? "default"
      static async requestPermission() {
        asked += 1
        Recorder.permission = answered
        sessionStorage.setItem("notices", answered)
        return answered
      }
      onclick: (() => void) | null = null
      constructor(title: string, options: { body: string }) {
        raised.push({ title, body: options.body })
      }
      close() {}
    }
    Object.assign(window, { Notification: Recorder, raisedNotices: raised, askedForNotices: () => asked })
  }, answer)
}
const raised = (page: Page) =>
  page.evaluate(() => (window as unknown as { raisedNotices: Raised[] }).raisedNotices)
const asked = (page: Page) =>
  page.evaluate(() => (window as unknown as { askedForNotices: () => number }).askedForNotices())

async function startRun(agent: Client, intent: string): Promise<string> {
  const started = await agent.ask("runs.start", { agent_id: "e2e/bell", agent_name: "Bell", intent })
  if (!started.ok) throw new Error(started.error.message)
  return started.run_id
}
const waitFor = (agent: Client, run_id: string, waiting_for: string) =>
  agent.ask("runs.report_progress", { run_id, progress: { waiting_for } })
const bell = (page: Page) => page.locator("[data-bell]:visible").first()

test("a followed run notifies when it waits and when it fails, even in a hidden tab", async ({
  page,
  server,
  agent,
}) => {
  await recordNotices(page)
  const [mine, other] = [await startRun(agent, "Deploy"), await startRun(agent, "Lint")]
  await signIn(page, server)
  await openRun(page, server, mine)
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
  expect(await asked(page)).toBe(0)
  await bell(page).click()
  await expect(bell(page)).toHaveAttribute("data-bell", "on")
  expect(await asked(page)).toBe(1)

  // The following notices are for a page that isn't the run's, in a hidden tab.
  await page.goto(`${server.url}/connect`)
  await expect(page.locator("[data-connection=live]")).toBeVisible()
  await page.evaluate(() => {
    Object.defineProperty(document, "hidden", { get: () => true })
    Object.defineProperty(document, "visibilityState", { get: () => "hidden" })
    document.dispatchEvent(new Event("visibilitychange"))
  })
  // The page only reports changes after it has loaded the run.
  await expect
    .poll(async () => {
      await waitFor(agent, mine, "nothing yet")
      await waitFor(agent, mine, "approval of: deploy")
      return (await raised(page)).map(({ body }) => body)
    })
    .toContainEqual("approval of: deploy\nDeploy")
  expect((await raised(page))[0]?.title).toBe("Bell is waiting for you")
  await waitFor(agent, other, "approval of: lint")
  await agent.ask("runs.complete", { run_id: other, outcome: { status: "failure", summary: "Lint failed" } })
  await agent.ask("runs.complete", { run_id: mine, outcome: { status: "failure", summary: "Out of disk" } })
  await expect
    .poll(async () => (await raised(page)).at(-1))
    .toEqual({ title: "Bell: failure", body: "Deploy\nOut of disk" })
  expect((await raised(page)).some(({ body }) => body.includes("Lint"))).toBe(false)
})

test("an old end isn't reported again after a reload or reconnect", async ({ page, server, agent }) => {
  await recordNotices(page)
  const runId = await startRun(agent, "Over soon")
  await signIn(page, server)
  await openRun(page, server, runId)
  await bell(page).click()
  await expect(bell(page)).toHaveAttribute("data-bell", "on")
  await page.goto("about:blank")
  await agent.ask("runs.complete", { run_id: runId, outcome: { status: "success", summary: "Done" } })
  await openRun(page, server, runId)
  await expect(runMain(page)).toHaveAttribute("data-state", "completed")
  await server.crashAndRestart()
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
  expect(await raised(page)).toEqual([])
  const stored = await page.evaluate(() => localStorage.getItem("turnline_followed_runs"))
  expect(JSON.parse(stored ?? "")).toMatchObject({ state: { runIds: [] } })
})

test("a row has a bell, which says if the browser blocks notifications", async ({ page, server, agent }) => {
  await recordNotices(page, "denied")
  const runId = await startRun(agent, "Ring me")
  await signIn(page, server)
  const row = runRow(page, runId)
  await row.hover()
  await row.getByRole("button", { name: new RegExp(`^${TEXT.off}`) }).click()
  await expect(row.locator("[data-bell]")).toHaveAttribute("data-bell", "mute")
  await expect(row.getByRole("button", { name: new RegExp(`^${TEXT.denied}`) })).toBeVisible()
  await waitFor(agent, runId, "you")
  await expect(row).toHaveAttribute("data-state", "waiting")
  expect(await raised(page)).toEqual([])
})
