import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { strings as shell } from "@/components/shell/strings"
import { expect, test, watchPage } from "./fixtures"
import { expectWhole, openRun, runMain, runRows, signIn, turnRow } from "./pages"
import { recordTurns, someTurns, startRun } from "./seeds"
import type { RunningServer } from "./server"

const program = new URL("../build/server/turnline.js", import.meta.url).pathname

/** Runs `npm run token` while the server runs. Returns its standard output. */
async function token(server: RunningServer, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, "token", ...args], {
    env: { ...process.env, NODE_ENV: "production", TURNLINE_DATA_DIR: server.dataDir },
  })
  return stdout.trim().split("\n").at(-1) ?? ""
}

test("a session that ends keeps the page on screen, grayed out, and offers to sign in", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Stay on screen" })
  await recordTurns(agent, run, someTurns(3))
  const mine = await token(server, "create", "visitor", "--read", "all")
  await page.goto(`${server.url}/?token=${mine}`)
  await openRun(page, server, run, "?turn=1")
  await expectWhole(page, 3)
  await token(server, "revoke", "visitor")
  await expect(page.getByText(shell.banner.signedOut)).toBeVisible()
  await expect(turnRow(page, 2)).toContainText("step 2")
  await expect(page.getByRole("region", { name: "Turn 1", exact: true })).toContainText("done 1")
  await recordTurns(agent, run, someTurns(1, 3))
  await page.getByRole("button", { name: shell.signIn }).click()
  await expect(page.locator("main[data-page=sign-in]")).toBeVisible()
  await expect(page.locator("p[role=alert]")).toBeVisible()
  await page.getByLabel("Token", { exact: true }).fill(server.viewerToken)
  await page.getByRole("button", { name: shell.signIn }).click()
  await expectWhole(page, 4)
  await expect(page).toHaveURL(new RegExp(`/runs/${run}`))
})

test("an expiring token ends the open session and can't be used to sign in again", async ({
  page,
  server,
  agent,
}) => {
  await startRun(agent, { intent: "Still here" })
  const soon = new Date(Date.now() + 12_000).toISOString()
  const short = await token(server, "create", "short", "--read", "all", "--expires", soon)
  await page.goto(`${server.url}/?token=${short}`)
  await expect(page.getByText("Still here").first()).toBeVisible()
  await expect(page.getByText(shell.banner.signedOut)).toBeVisible({ timeout: 30_000 })
  await expect(page.getByText("Still here").first()).toBeVisible()
  await page.goto(`${server.url}/?token=${short}`)
  await expect(page.locator("main[data-page=sign-in]")).toBeVisible()
  await expect(page.locator("p[role=alert]")).toBeVisible()
})

test("signing out grays out other tabs, and signing in restores them", async ({ page, server, agent }) => {
  const run = await startRun(agent, { intent: "Two tabs" })
  await recordTurns(agent, run, someTurns(2))
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 2)
  const second = await page.context().newPage()
  await second.goto(server.url)
  await second.getByRole("button", { name: shell.menu.label }).click()
  await second.getByRole("menuitem", { name: shell.menu.signOut }).click()
  await expect(second.locator("main[data-page=sign-in]")).toBeVisible()
  await expect(page.getByText(shell.banner.signedOut)).toBeVisible()
  await expect(turnRow(page, 1)).toContainText("step 1")
  await second.getByLabel("Token", { exact: true }).fill(server.viewerToken)
  await second.getByRole("button", { name: "Sign in" }).click()
  await expect(second.locator("main[data-page=runs]")).toBeVisible()
  await page.bringToFront()
  await page.getByRole("button", { name: shell.signIn }).click()
  await expectWhole(page, 2)
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
})

test("a token sees only the runs of its agents and is only offered permitted actions", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Not for you", agent_id: "secret/one" })
  await startRun(agent, { intent: "For you", agent_id: "open/one" })
  const some = await token(server, "create", "some", "--read", "open/*")
  await page.goto(`${server.url}/?token=${some}`)
  await expect(page.getByText("For you").first()).toBeVisible()
  await expect(page.getByText("Not for you")).toHaveCount(0)
  await page.goto(`${server.url}/runs/${run}`)
  await expect(page.getByRole("heading", { name: "No such run" })).toBeVisible()
  await expect(page.getByText("Not for you")).toHaveCount(0)
  await page.getByRole("link", { name: shell.allRuns }).click()
  await expect(page.locator("main[data-page=runs]")).toBeVisible()
  // A token without `control` can't cancel runs. A token that can't read all runs can't see incoming messages.
  await runRows(page).getByRole("link").first().click()
  await expect(page.getByRole("button", { name: "Follow", exact: true })).toBeVisible()
  await expect(page.getByRole("button", { name: "Cancel run" })).toHaveCount(0)
  await page.goto(`${server.url}/connect`)
  await expect(page.getByText("--read all").last()).toBeVisible()
})

test("a rejected host name says which setting allows it", async ({ server, request }) => {
  const port = new URL(server.url).port
  const refused = await request.get(server.url, {
    headers: { Host: `evil.example:${port}` },
    maxRedirects: 0,
  })
  expect(refused.status()).toBe(403)
  expect(await refused.text()).toContain("TURNLINE_PUBLIC_URL")
  const foreign = await request.get(server.url, { headers: { Origin: "https://evil.example" } })
  expect(foreign.status()).toBe(403)
  expect(await foreign.text()).toContain("TURNLINE_ALLOWED_ORIGINS")
})

test("without JavaScript the page says so, and signing in works", async ({ browser, server }) => {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  const offences = watchPage(page, server.url)
  await page.goto(server.url)
  await page.getByLabel("Token", { exact: true }).fill(server.viewerToken)
  await page.getByRole("button", { name: shell.signIn }).click()
  await expect(page.locator("noscript p")).toBeAttached()
  expect(await page.locator("noscript").innerHTML()).toContain("needs JavaScript")
  expect((await page.locator("noscript p").boundingBox())?.height).toBeGreaterThan(10)
  await expect(page.getByRole("button")).toHaveCount(0)
  expect(offences).toEqual([])
  await context.close()
})

test("a page from an older build asks for a reload and keeps its content", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Old page" })
  await recordTurns(agent, run, someTurns(2))
  let build = ""
  await page.route("**/api/session", async (route) => {
    // While the server restarts, the page gets the same failure as without this route.
    const answer = await route.fetch().catch(() => undefined)
    if (answer === undefined) return route.abort("connectionrefused")
    const session = await answer.json()
    await route.fulfill({ response: answer, json: build === "" ? session : { ...session, build } })
  })
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 2)
  build = "another-build"
  await server.crashAndRestart()
  await expect(page.getByText(shell.banner.stale)).toBeVisible()
  await expect(turnRow(page, 1)).toContainText("step 1")
  build = ""
  await page.getByRole("button", { name: shell.reload }).click()
  await expectWhole(page, 2)
  await expect(page.getByText(shell.banner.stale)).toHaveCount(0)
})

test("a page that fails to render says so, links to the list, and recovers", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Draw me" })
  await recordTurns(agent, run, someTurns(3))
  await signIn(page, server)
  await page.addInitScript(() => {
    const { getContext } = HTMLCanvasElement.prototype
    const broken = () => {
      throw new Error("no canvas here")
    }
    Object.assign(HTMLCanvasElement.prototype, { getContext: broken })
    Object.assign(window, { mend: () => Object.assign(HTMLCanvasElement.prototype, { getContext }) })
  })
  await page.goto(`${server.url}/runs/${run}`)
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(shell.errorPage.title)
  await expect(page.getByText(shell.errorPage.text)).toBeVisible()
  await expect(page.getByText("no canvas here")).toBeVisible()
  await expect(page.getByRole("link", { name: shell.allRuns })).toHaveAttribute("href", "/")
  await page.getByRole("button", { name: shell.tryAgain }).click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(shell.errorPage.title)
  await page.evaluate(() => (Reflect.get(window, "mend") as () => void)())
  await page.getByRole("button", { name: shell.tryAgain }).click()
  await expectWhole(page, 3)
})
