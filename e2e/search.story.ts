import type { Page } from "@playwright/test"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, showAs, signIn, turnRow } from "./pages"
import { recordTurns, startRun, type TurnIn } from "./seeds"

const searchbox = (page: Page) => page.getByRole("searchbox", { name: "Search turns" })
const found = (page: Page) => page.getByRole("search").getByRole("status")
const output = (page: Page, index: number) =>
  page
    .getByRole("region", { name: `Turn ${index}`, exact: true })
    .getByRole("region", { name: "Output", exact: true })

async function open(page: Page, server: Parameters<typeof signIn>[1], run: string, turns: TurnIn[]) {
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, turns.length)
}

test("a search counts every matching turn, and n and N move between them", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Thirty resets" })
  const turns: TurnIn[] = Array.from({ length: 30 }, (_, at) => ({
    tool: "bash",
    parameters: { command: `step ${at}` },
    output: `connecting … ${at}\nError: ECONNRESET by peer\nretrying`,
  }))
  turns.push({ tool: "curl", output: `connection ${"….".repeat(200)} refused` })
  await recordTurns(agent, run, turns)
  await open(page, server, run, turns)
  await page.keyboard.press("/")
  await page.keyboard.type("econnreset")
  await expect(found(page)).toHaveText("30 found")
  await page.keyboard.press("Enter")
  await expect(found(page)).toHaveText("1 of 30")
  await page.keyboard.press("Escape")
  await page.keyboard.press("n")
  await expect(found(page)).toHaveText("2 of 30")
  await expect(turnRow(page, 1)).toHaveAttribute("aria-selected", "true")
  await expect(output(page, 1).locator("mark")).toHaveText("ECONNRESET")
  await page.keyboard.press("Shift+N")
  await page.keyboard.press("Shift+N")
  await expect(found(page)).toHaveText("30 of 30")

  await searchbox(page).fill("connection refused")
  await expect(found(page)).toHaveText("1 found")
  await page.keyboard.press("Enter")
  await expect(output(page, 30).locator("mark")).toHaveText(["connection", "refused"])
  await searchbox(page).fill('"connection refused"')
  await expect(found(page)).toHaveText("0 found")
})

test("opening a hit scrolls to its place, even far down in an output that was cut for the wire", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Deep in a log" })
  const line = "a quiet line of the log\n"
  const log = `${line.repeat(4_000)}panic: first fault\n${line.repeat(4_000)}panic: second fault\n${line.repeat(100)}`
  const turns: TurnIn[] = [{ tool: "bash", output: log }, { message: "done" }]
  await recordTurns(agent, run, turns)
  await open(page, server, run, turns)
  await searchbox(page).fill("PANIC")
  await expect(found(page)).toHaveText("2 found")
  await page.keyboard.press("Enter")
  await expect(output(page, 0).getByText("first fault")).toBeInViewport()
  await page.keyboard.press("Enter")
  await expect(found(page)).toHaveText("2 of 2")
  await expect(output(page, 0).getByText("second fault")).toBeInViewport()
})

test("hits are marked in rows and in the transcript, the link keeps the search, and new turns are found", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Marks" })
  const turns: TurnIn[] = [
    { kind: "human", message: "北京的天气 please" },
    { tool: "bash", parameters: { command: "curl weather" }, output: "北京: sunny" },
    { kind: "model", message: "nothing" },
  ]
  await recordTurns(agent, run, turns)
  await open(page, server, run, turns)
  await searchbox(page).fill("北京")
  await expect(found(page)).toHaveText("2 found")
  await expect(turnRow(page, 0).locator("mark")).toHaveText("北京")
  await showAs(page, "Transcript")
  await expect(page.getByRole("feed", { name: "Transcript" }).locator("mark")).toHaveText(["北京", "北京"])
  await page.reload()
  await expect(searchbox(page)).toHaveValue("北京")
  await expect(found(page)).toHaveText("2 found")
  await recordTurns(agent, run, [{ kind: "model", message: "again 北京" }])
  await expect(found(page)).toHaveText("3 found")
})
