import { strings as connect } from "@/components/connect/strings"
import { strings as runs } from "@/components/runs/strings"
import { strings as shell } from "@/components/shell/strings"
import { expect, test } from "./fixtures"
import { signIn } from "./pages"

test.describe("a demo environment", () => {
  test.use({ env: { TURNLINE_DEMO: "1", TURNLINE_DEMO_FLEET: "none" } })

  test("shows visitors only demo runs, read-only", async ({ page, server, agent, offences }) => {
    const start = async (agent_id: string, intent: string) => {
      const started = await agent.ask("runs.start", { agent_id, intent })
      if (!started.ok) throw new Error(started.error.message)
      return started.run_id
    }
    const [shown, hidden] = [await start("demo/fixer", "Fix the demo"), await start("acme/fixer", "A secret")]
    await page.goto(server.url)
    await expect(page.locator("main[data-page=runs]")).toBeVisible()
    await expect(page.getByText(shell.demo.badge, { exact: true })).toBeVisible()
    await expect(page.locator(`[data-run-id="${shown}"]`).first()).toBeVisible()
    expect(await page.content()).not.toContain("A secret")
    await agent.ask("runs.record_turns", { run_id: hidden, turns: [{ message: "more" }] })
    await agent.ask("runs.record_turns", { run_id: shown, turns: [{ message: "more" }] })
    await expect(page.locator(`[data-run-id="${shown}"]`).first()).toHaveAttribute("data-cursor", "1")
    await expect(page.locator(`[data-run-id="${hidden}"]`)).toHaveCount(0)
    await page.goto(`${server.url}/runs/${hidden}`)
    await expect(page.getByText(/no such run/i).first()).toBeVisible()
    await page.goto(`${server.url}/runs/${shown}`)
    await expect(page.locator("main[data-page=run]")).toHaveAttribute("data-live", "live")
    await expect(page.getByRole("button", { name: /cancel run/i })).toHaveCount(0)
    await page.goto(`${server.url}/connect`)
    await expect(page.getByText(connect.token.demo)).toBeVisible()
    expect((await page.request.get(`${server.url}/metrics`)).status()).toBe(401)
    expect(offences).toEqual([])
  })

  test("its owner can sign in, sees everything, and becomes a visitor again after signing out", async ({
    page,
    server,
    agent,
  }) => {
    const started = await agent.ask("runs.start", { agent_id: "acme/fixer", intent: "A secret" })
    expect(started.ok).toBe(true)
    await page.goto(server.url)
    await expect(page.locator("[data-connection=live]")).toBeVisible()
    await page.getByRole("button", { name: shell.menu.label }).click()
    await page.getByRole("menuitem", { name: shell.signIn }).click()
    await page.getByLabel(/token/i).fill("tl_wrong")
    await page.getByRole("button", { name: shell.signIn }).click()
    await expect(page.getByRole("alert").filter({ hasText: shell.signInPage.wrong })).toBeVisible()
    await page.getByLabel(/token/i).fill(server.viewerToken)
    await page.getByLabel(/token/i).press("Enter")
    await expect(page.getByText("A secret").first()).toBeVisible()
    await expect(page.locator("[data-connection=live]")).toBeVisible()
    await expect(page.getByText(shell.demo.badge, { exact: true })).toHaveCount(0)
    await page.getByRole("button", { name: shell.menu.label }).click()
    await page.getByRole("menuitem", { name: shell.menu.signOut }).click()
    await expect(page.getByText(shell.demo.badge, { exact: true })).toBeVisible()
    await expect(page.getByText("A secret")).toHaveCount(0)
  })
})

test.describe("a demo with its own fleet", () => {
  test.use({ env: { TURNLINE_DEMO: "1", TURNLINE_DEMO_FLEET: "small" } })

  test("starts its own agents, and stops promptly together with them", async ({ page, server }) => {
    await page.goto(server.url)
    const working = page.getByLabel(runs.grid.live).locator("[data-run-id]")
    await expect(working.first()).toBeVisible({ timeout: 30_000 })
    const began = Date.now()
    expect(await server.stop()).toBe(0)
    expect(Date.now() - began).toBeLessThan(10_000)
  })
})

test("without the setting there is a sign-in page and no demo badge", async ({ page, server }) => {
  await page.goto(server.url)
  await expect(page.getByLabel(/token/i)).toBeVisible()
  await signIn(page, server)
  await expect(page.locator("[data-connection=live]")).toBeVisible()
  await expect(page.getByText(shell.demo.badge, { exact: true })).toHaveCount(0)
})
