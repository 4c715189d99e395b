import { execFileSync } from "node:child_process"
import { strings } from "@/components/connect/strings"
import { connectClient, expect, test } from "./fixtures"
import { signIn } from "./pages"
import type { RunningServer } from "./server"

/** Creates a token with `npm run token` while the server runs. */
function tokenOf(server: RunningServer, ...args: string[]): string {
  const program = new URL("../build/server/turnline.js", import.meta.url).pathname
  const env = { ...process.env, TURNLINE_DATA_DIR: server.dataDir }
  const printed = execFileSync(process.execPath, [program, "token", "create", ...args], { env }).toString()
  return printed.trim().split("\n").at(-1) ?? ""
}

const TEXT = strings.token

test("a token with `mint` permission can create an agent's token on the Connect page, which is shown once", async ({
  page,
  server,
  offences,
}) => {
  const boss = tokenOf(server, "boss", "--read", "all", "--mint")
  await page.goto(`${server.url}/?token=${boss}`)
  await page.goto(`${server.url}/connect`)
  const form = page.getByRole("region", { name: TEXT.region })
  await form.getByLabel(TEXT.name).fill("ci")
  await form.getByLabel(TEXT.write).fill("not an id!")
  await form.getByRole("button", { name: TEXT.create }).click()
  await expect(form.getByRole("alert")).toHaveText(TEXT.errors.write)
  await form.getByLabel(TEXT.write).fill("ci/*, deploy")
  await form.getByRole("button", { name: TEXT.create }).click()
  const token = (await form.locator("[data-token]").textContent()) ?? ""
  expect(token).toMatch(/^tl_/)
  await expect(form.getByRole("button", { name: TEXT.copy })).toBeVisible()

  const agent = await connectClient(server.url, token)
  expect(await agent.ask("runs.start", { agent_id: "ci/lint", intent: "Lint" })).toMatchObject({ ok: true })
  expect(await agent.ask("runs.start", { agent_id: "other", intent: "No" })).toMatchObject({
    error: { code: "forbidden" },
  })
  agent.close()
  await page.reload()
  await expect(form.getByRole("button", { name: TEXT.create })).toBeVisible()
  expect(await page.content()).not.toContain(token)
  expect(offences).toEqual([])
})

test("without `mint` permission, the Connect page shows the command", async ({ page, server }) => {
  await signIn(page, server)
  await page.goto(`${server.url}/connect`)
  await expect(page.getByText("npm run --silent token -- create")).toBeVisible()
  await expect(page.getByRole("button", { name: TEXT.create })).toHaveCount(0)
})
