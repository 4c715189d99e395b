import { strings as TEXT } from "@/components/turn/strings"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, showAs, signIn } from "./pages"
import { recordTurns, startRun } from "./seeds"

const END = "the very end of it"

test("a cut value shows head and tail, says how large it is, and loads in full on request", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Much to say" })
  const output = `${"a line of some length, said again and again\n".repeat(2_000)}${END}`
  await recordTurns(agent, run, [{ tool: "bash", parameters: { command: "cat big" }, output }])
  await signIn(page, server)
  await openRun(page, server, run, "?turn=0")
  await expectWhole(page, 1)
  const section = page
    .getByRole("region", { name: "Turn 0", exact: true })
    .getByRole("region", { name: "Output", exact: true })
  await expect(section.getByText(/^16\.0 KiB of 8\d\.\d KiB/)).toBeVisible()
  await expect(section.getByText(END)).toHaveCount(1)
  await section.getByRole("button", { name: "Go to end" }).click()
  await expect(section.getByText(END)).toBeInViewport()
  await section.getByRole("button", { name: "Show all" }).click()
  await expect(section.getByRole("button", { name: "Show all" })).toHaveCount(0)
  await expect(section.getByText("not shown")).toHaveCount(0)
  await section.getByText("a line of some length").first().scrollIntoViewIfNeeded()
})

test("a long line in a list of lines shows its gap, in the inspector and in the transcript", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Sends lines" })
  const long = `start of it ${"x".repeat(100_000)} end of it`
  const stdout = ["first line", long, END]
  await recordTurns(agent, run, [
    { tool: "bash", parameters: { command: "cat big" }, output: { stdout, code: 0 } },
  ])
  await signIn(page, server)
  await openRun(page, server, run, "?turn=0")
  const section = page
    .getByRole("region", { name: "Turn 0", exact: true })
    .getByRole("region", { name: "Output", exact: true })
  const gap = section.getByRole("button", { name: TEXT.value.gap("81.7 KiB") })
  await expect(gap).toBeVisible()
  for (const text of ["first line", "end of it", END])
    await expect(section.getByText(text).last()).toBeVisible()
  await section.getByRole("button", { name: TEXT.value.showAll }).click()
  await expect(gap).toHaveCount(0)
  // The line wraps, and its parts are rendered when they come into view.
  await section.hover()
  const scrolled = async () => {
    await page.mouse.wheel(0, 2_000)
    return (await section.textContent())?.includes(long)
  }
  await expect.poll(scrolled, { intervals: [100] }).toBe(true)
  await page.reload()
  await showAs(page, "Transcript")
  const entry = page.getByRole("feed").getByRole("article").filter({ hasText: "cat big" })
  await expect(entry.getByRole("button", { name: TEXT.value.gap("81.7 KiB") })).toBeAttached()
  await entry.getByRole("button", { name: TEXT.value.toEnd }).click()
  await expect(entry.getByText(END)).toBeInViewport()
})

test("copying a cut value copies the full value", async ({ page, server, agent }) => {
  await page.addInitScript(() => {
    const writeText = async (text: string) => sessionStorage.setItem("copied", text)
    Object.defineProperty(navigator, "clipboard", { value: { writeText } })
  })
  const copied = () => page.evaluate(() => sessionStorage.getItem("copied") ?? "")
  const run = await startRun(agent, { intent: "Copy me" })
  const stdout = `${"y".repeat(60_000)}${END}`
  await recordTurns(agent, run, [{ tool: "bash", call_id: "c1", output: { stdout, code: 0 } }])
  await signIn(page, server)
  await openRun(page, server, run, "?turn=0")
  await expectWhole(page, 1)
  const turn = page.getByRole("region", { name: "Turn 0", exact: true })
  await turn
    .getByRole("region", { name: "Output", exact: true })
    .getByRole("button", { name: "Copy", exact: true })
    .click()
  await expect.poll(copied).toContain(END)
  const copyAs = async (form: string) => {
    await page.evaluate(() => sessionStorage.removeItem("copied"))
    await turn.getByRole("button", { name: "Copy turn as…" }).click()
    await page.getByRole("menuitem", { name: form }).click()
    await expect.poll(copied).not.toBe("")
    return copied()
  }
  expect(JSON.parse(await copyAs("JSON"))).toMatchObject({ index: 0, tool: "bash", output: { stdout } })
  expect(await copyAs("Markdown")).toContain(END)
  expect(JSON.parse(await copyAs("Messages"))).toMatchObject([
    { role: "assistant", tool_calls: [{ id: "c1" }] },
    { role: "tool", tool_call_id: "c1" },
  ])
  expect(await copyAs("Link")).toBe(`${server.url}/runs/${run}?turn=0`)
  expect(await copyAs("curl")).toContain(`${server.url}/api/runs/${run}/turns/0`)
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
  await expect(inspector.getByText("No results.")).toBeVisible()

  const sql = inspector.locator(".group").filter({ hasText: /^sql:/ })
  await sql.hover()
  await sql.getByRole("button", { name: "path" }).click()
  await expect.poll(copied).toBe("/sql")
  await sql.getByRole("button", { name: "value" }).click()
  await expect.poll(copied).toBe("select")
})
