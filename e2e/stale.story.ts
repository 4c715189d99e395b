import { strings as shell } from "@/components/shell/strings"
import { expect, test } from "./fixtures"
import { openRun, runMain, signIn } from "./pages"

test("a page from an outdated build says so after a reconnect, stays usable, and is current after a reload", async ({
  page,
  server,
  agent,
}) => {
  const started = await agent.ask("runs.start", { agent_id: "e2e/stale", intent: "Outlive an upgrade" })
  if (!started.ok) throw new Error(started.error.message)
  let upgraded = false
  await page.route("**/api/session", async (route) => {
    // The server is down. The page retries after a failed request.
    const response = await route.fetch().catch(() => undefined)
    if (response === undefined) return route.abort()
    const session = await response.json()
    await route.fulfill({ response, json: upgraded ? { ...session, build: "another-build" } : session })
  })
  await signIn(page, server)
  await openRun(page, server, started.run_id)
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
  const banner = page.getByRole("alert").filter({ hasText: shell.banner.stale })

  await server.crashAndRestart()
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
  await expect(page.locator("[data-connection=live]")).toBeVisible()
  await expect(banner).toHaveCount(0)

  upgraded = true
  await server.crashAndRestart()
  await expect(banner).toBeVisible()
  await expect(runMain(page)).toHaveAttribute("data-live", "live")

  // A real new server would serve a page from the same build, so the reloaded page wouldn't be outdated.
  upgraded = false
  await banner.getByRole("button", { name: shell.reload }).click()
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
  await expect(banner).toHaveCount(0)
})

test("the session names the build of the pages", async ({ page, server }) => {
  await signIn(page, server)
  const build = await page.evaluate(async () => (await (await fetch("/api/session")).json()).build as string)
  expect(build).toMatch(/^[\w-]{8,}$/)
  await expect(page.locator("[data-connection=live]")).toBeVisible()
})
