import { expect, type Page } from "@playwright/test"
import { strings as runs } from "@/components/runs/strings"
import type { RunningServer } from "./server"

/**
 * Waits until the page reacts to clicks and keys. The server renders pages with all their controls, which do nothing
 * until the page's scripts run.
 */
async function expectInteractive(page: Page): Promise<void> {
  await expect(page.locator("[data-connection]:not([data-connection=connecting])")).toBeAttached()
}

/** Signs in with the printed link. The page is then at `/`, without the token in its URL. */
export async function signIn(page: Page, server: RunningServer): Promise<void> {
  await page.goto(`${server.url}/?token=${server.viewerToken}`)
  await expect(page.locator("main[data-page=runs]")).toBeVisible()
  await expectInteractive(page)
  expect(page.url()).not.toContain("token")
}

/** Opens a run's page. Requires `signIn`. */
export async function openRun(page: Page, server: RunningServer, runId: string, query = ""): Promise<void> {
  await page.goto(`${server.url}/runs/${runId}${query}`)
  await expect(page.locator("main[data-page=run]")).toBeVisible()
  await expectInteractive(page)
}

/** The run page's `<main>`. */
export const runMain = (page: Page) => page.locator("main[data-page=run]")

/** The row of a turn in the timeline. */
export const turnRow = (page: Page, index: number) => page.locator(`[data-turn-index="${index}"]`).first()

/** Waits until the page's timeline is complete up to a cursor. */
export async function expectWhole(page: Page, cursor: number): Promise<void> {
  await expect(runMain(page)).toHaveAttribute("data-view-cursor", String(cursor))
}

/** The rows of the list of runs. */
export const runRows = (page: Page) =>
  page.getByRole("grid", { name: runs.grid.label, exact: true }).locator("[data-run-id]")

/** A run's row in the list of runs. */
export const runRow = (page: Page, runId: string) =>
  page.getByRole("grid", { name: runs.grid.label, exact: true }).locator(`[data-run-id="${runId}"]`)

/** Shows a run's turns as a timeline or as a transcript. */
export async function showAs(page: Page, part: "Timeline" | "Transcript"): Promise<void> {
  await page.getByText(part, { exact: true }).first().click()
}
