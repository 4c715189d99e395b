import { expect, test } from "./fixtures"
import { expectWhole, openRun, signIn } from "./pages"
import { recordTurns, startRun } from "./seeds"

const END = "the very end of it"

test("a cut value says how large it is, and loads whole on request", async ({ page, server, agent }) => {
  const run = await startRun(agent, { intent: "Much to say" })
  const output = `${"a line of some length, said again and again\n".repeat(2_000)}${END}`
  await recordTurns(agent, run, [{ tool: "bash", parameters: { command: "cat big" }, output }])
  await signIn(page, server)
  await openRun(page, server, run, "?turn=0")
  await expectWhole(page, 1)
  const inspector = page.getByRole("region", { name: "Turn 0", exact: true })
  await expect(inspector.getByText(/the whole is/)).toContainText(
    /8\d(\.\d)? kB|8\d(\.\d)? KB|8\d(\.\d)? KiB/i,
  )
  await inspector.getByRole("button", { name: "Load whole" }).first().click()
  await expect(inspector.getByText(/the whole is/)).toHaveCount(0)
  const more = inspector.getByRole("button", { name: /more|all/i })
  while ((await more.count()) > 0 && (await inspector.getByText(END).count()) === 0)
    await more.first().click()
  await expect(inspector.getByText(END)).toHaveCount(1)
})

test("the tree of a value is searched, and its paths and values are copied", async ({
  page,
  server,
  agent,
}) => {
  await page.addInitScript(() => {
    const writeText = async (text: string) => sessionStorage.setItem("copied", text)
    Object.defineProperty(navigator, "clipboard", { value: { writeText } })
  })
  const copied = () => page.evaluate(() => sessionStorage.getItem("copied"))
  const run = await startRun(agent, { intent: "Search me" })
  const rows = Array.from({ length: 60 }, (_, id) => ({ id, tags: [`tag ${id}`, { deep: `leaf ${id}` }] }))
  await recordTurns(agent, run, [{ tool: "query", parameters: { sql: "select" }, output: { rows } }])
  await signIn(page, server)
  await openRun(page, server, run, "?turn=0")
  await expectWhole(page, 1)
  const inspector = page.getByRole("region", { name: "Turn 0", exact: true })
  await inspector.getByRole("searchbox").last().fill("leaf 42")
  const hit = inspector.getByRole("listitem").filter({ hasText: "leaf 42" })
  await expect(hit).toHaveCount(1)
  await expect(hit).toContainText("/rows/42/tags/1/deep")
  await hit.hover()
  await hit.getByRole("button", { name: "path" }).click()
  await expect.poll(copied).toBe("/rows/42/tags/1/deep")
  await hit.getByRole("button", { name: "value" }).click()
  await expect.poll(copied).toBe("leaf 42")
  await inspector.getByRole("searchbox").last().fill("no such thing")
  await expect(inspector.getByText("Nothing here matches.")).toBeVisible()

  const sql = inspector.locator(".group").filter({ hasText: /^sql:/ })
  await sql.hover()
  await sql.getByRole("button", { name: "path" }).click()
  await expect.poll(copied).toBe("/sql")
  await sql.getByRole("button", { name: "value" }).click()
  await expect.poll(copied).toBe("select")
})
