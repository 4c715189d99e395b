import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, test } from "./fixtures"
import { expectWhole, runMain, runRows, signIn, turnRow } from "./pages"

const tsx = new URL("../node_modules/tsx/dist/cli.mjs", import.meta.url).pathname
const example = new URL("../examples/agent.ts", import.meta.url).pathname

test("I1: what an agent sent is shown, even after kill -9", async ({ page, server, viewer, offences }) => {
  await page.goto(server.link)
  await expect(page.locator("main[data-page=runs]")).toBeVisible()

  await promisify(execFile)(process.execPath, [tsx, example], {
    env: { ...process.env, TURNLINE_URL: server.url, TURNLINE_TOKEN: server.agentToken },
  })
  const first = runRows(page).first()
  await expect(first).toBeVisible()
  const runId = (await first.getAttribute("data-run-id")) ?? ""
  const listed = await viewer.ask("runs.list", {})
  if (!listed.ok || !listed.runs[0]) throw new Error("the run is not listed")
  expect(runId).toBe(listed.runs[0].run_id)
  const turns = listed.runs[0].cursor
  expect(turns).toBeGreaterThan(0)

  await first.click()
  await expect(runMain(page)).toHaveAttribute("data-run-id", runId)
  await expectWhole(page, turns)

  await server.crashAndRestart()
  await signIn(page, server)
  await page.goto(`${server.url}/runs/${runId}?turn=0`)
  await expectWhole(page, turns)
  await expect(turnRow(page, 0)).toHaveAttribute("aria-selected", "true")
  await expect(page.getByRole("region", { name: "Turn 0" })).toBeVisible()
  expect(offences).toEqual([])
})
