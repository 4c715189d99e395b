import { strings as shell } from "@/components/shell/strings"
import { connectClient, expect, test } from "./fixtures"
import { openRun, signIn } from "./pages"

test("S3: without a session there is a sign-in page and nothing else", async ({ page, server, agent }) => {
  const started = await agent.ask("runs.start", { agent_id: "e2e/secret", intent: "Private intent" })
  if (!started.ok) throw new Error(started.error.message)
  for (const path of ["/", `/runs/${started.run_id}`, "/connect", "/nowhere"]) {
    await page.goto(server.url + path)
    await expect(page.getByLabel("Token", { exact: true })).toBeVisible()
    expect(await page.content()).not.toContain("Private intent")
  }
})

test("a wrong token is rejected, the right one signs in, and signing out ends the session", async ({
  page,
  server,
  offences,
}) => {
  await page.goto(`${server.url}/?token=tl_wrong_0000`)
  await expect(page.getByText(shell.signInPage.wrong)).toBeVisible()
  expect(page.url()).not.toContain("tl_wrong")
  await page.getByLabel("Token", { exact: true }).fill(server.viewerToken)
  await page.getByLabel("Token", { exact: true }).press("Enter")
  await expect(page.locator("main[data-page=runs]")).toBeVisible()
  const cookies = await page.context().cookies()
  expect(cookies).toHaveLength(1)
  expect(cookies[0]).toMatchObject({ httpOnly: true, sameSite: "Lax" })
  // The page may ignore clicks until it is connected.
  await expect(page.locator("[data-connection=live]")).toBeVisible()
  await page.getByRole("button", { name: /menu/i }).click()
  await page.getByRole("menuitem", { name: /sign out/i }).click()
  const signInPage = page.locator("main[data-page=sign-in]")
  await expect(signInPage).toBeVisible()
  await page.goto(server.url)
  await expect(signInPage).toBeVisible()
  expect(offences).toEqual([])
})

test("S6: a viewer's token can't write", async ({ server, agent, viewer }) => {
  const started = await agent.ask("runs.start", { agent_id: "e2e/mine", intent: "Mine" })
  if (!started.ok) throw new Error(started.error.message)
  const run_id = started.run_id
  expect(await viewer.ask("runs.start", { agent_id: "e2e/mine", intent: "No" })).toMatchObject({
    ok: false,
    error: { code: "forbidden" },
  })
  expect(await viewer.ask("runs.start", { run_id })).toMatchObject({
    ok: false,
    error: { code: "not_found" },
  })
  expect(await viewer.ask("runs.record_turns", { run_id, turns: [{ message: "x" }] })).toMatchObject({
    ok: false,
  })
  expect(await viewer.ask("runs.complete", { run_id, outcome: { status: "done" } })).toMatchObject({
    ok: false,
  })
  const seen = await viewer.ask("runs.get_trace", { run_id })
  expect(seen).toMatchObject({ ok: true, cursor: 0 })
  await expect(connectClient(server.url, "tl_no_token")).rejects.toMatchObject({
    data: { code: "unauthenticated" },
  })
})

test("an unknown run has a page that says so", async ({ page, server }) => {
  await signIn(page, server)
  await page.goto(`${server.url}/runs/no-such-run`)
  await expect(page.getByText(/no such run/i).first()).toBeVisible()
})

test("a browser with a clock that is a day off shows the same states", async ({ page, server, agent }) => {
  const started = await agent.ask("runs.start", { agent_id: "e2e/clock", intent: "What time is it" })
  if (!started.ok) throw new Error(started.error.message)
  await agent.ask("runs.record_turns", {
    run_id: started.run_id,
    turns: [{ tool: "bash", parameters: { command: "date" } }],
  })
  await page.clock.install({ time: Date.now() + 26 * 3_600_000 })
  await signIn(page, server)
  await expect(page.locator(`[data-run-id="${started.run_id}"]`).first()).toHaveAttribute(
    "data-state",
    "working",
  )
  await openRun(page, server, started.run_id)
  await expect(page.locator("main")).toHaveAttribute("data-state", "working")
  await expect(page.locator("main header, main > div").first()).not.toContainText(/\b(2[0-9]h|1d)\b/)
})
