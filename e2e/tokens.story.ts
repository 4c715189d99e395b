import { execFileSync } from "node:child_process"
import { connectClient, expect, test } from "./fixtures"
import { signIn } from "./pages"
import type { RunningServer } from "./server"

/** What `npm run token` makes, beside the running server. */
function tokenOf(server: RunningServer, ...args: string[]): string {
  const program = new URL("../build/server/tokenCli.js", import.meta.url).pathname
  const env = { ...process.env, TURNLINE_DATA_DIR: server.dataDir }
  const printed = execFileSync(process.execPath, [program, "create", ...args], { env }).toString()
  return printed.trim().split("\n").at(-1) ?? ""
}

test("whoever may mint makes an agent's token on Connect; it is shown once and writes", async ({
  page,
  server,
  offences,
}) => {
  const boss = tokenOf(server, "boss", "--read", "all", "--mint")
  await page.goto(`${server.url}/?token=${boss}`)
  await page.goto(`${server.url}/connect`)
  const form = page.getByRole("region", { name: "The token" })
  await form.getByLabel("Name").fill("ci")
  await form.getByLabel(/Writes as/).fill("not an id!")
  await form.getByRole("button", { name: "Make a token" }).click()
  await expect(form.getByRole("alert")).toContainText("agents")
  await form.getByLabel(/Writes as/).fill("ci/*, deploy")
  await form.getByRole("button", { name: "Make a token" }).click()
  const token = (await form.locator("[data-token]").textContent()) ?? ""
  expect(token).toMatch(/^tl_/)
  await expect(form.getByRole("button", { name: "Copy the token" })).toBeVisible()

  const agent = await connectClient(server.url, token)
  expect(await agent.ask("runs.start", { agent_id: "ci/lint", intent: "Lint" })).toMatchObject({ ok: true })
  expect(await agent.ask("runs.start", { agent_id: "other", intent: "No" })).toMatchObject({
    error: { code: "forbidden" },
  })
  agent.close()
  await page.reload()
  await expect(form.getByRole("button", { name: "Make a token" })).toBeVisible()
  expect(await page.content()).not.toContain(token)
  expect(offences).toEqual([])
})

test("whoever may not mint is shown the command", async ({ page, server }) => {
  await signIn(page, server)
  await page.goto(`${server.url}/connect`)
  await expect(page.getByText("npm run --silent token -- create")).toBeVisible()
  await expect(page.getByRole("button", { name: "Make a token" })).toHaveCount(0)
})
