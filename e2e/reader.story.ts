import type { Page } from "@playwright/test"
import { strings as TEXT } from "@/components/run/strings"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, runMain, showAs, signIn, turnRow } from "./pages"
import { completeRun, recordTurns, reportProgress, someTurns, startRun } from "./seeds"

const grid = (page: Page) => page.getByRole("treegrid", { name: "Turns" })
const follow = (page: Page) => page.getByRole("button", { name: "Follow", exact: true })

/** The vertical position of a row in pixels. */
const topOf = async (page: Page, index: number) => (await turnRow(page, index).boundingBox())?.y

test("five hundred turns arrive without moving anything visible", async ({ page, server, agent }) => {
  const run = await startRun(agent, { intent: "Hold still" })
  const turns = someTurns(120)
  turns[40] = { tool: "query", output: { rows: { deep: { deeper: ["a", { last: "leaf-40" }] } }, other: 1 } }
  await recordTurns(agent, run, turns)
  await signIn(page, server)
  await openRun(page, server, run, "?turn=40")
  await expectWhole(page, 120)
  const inspector = page.getByRole("region", { name: "Turn 40", exact: true })
  const closed = inspector.locator("[aria-expanded=false]").filter({ hasText: /deep|\{|\[/ })
  while ((await closed.count()) > 0) await closed.first().click()
  await expect(inspector.getByText("leaf-40")).toBeVisible()
  const open = await inspector.locator("[aria-expanded=true]").count()
  await turnRow(page, 40).hover()
  await page.mouse.wheel(0, 1_200)
  await expect(turnRow(page, 84)).toBeInViewport()
  await expect(turnRow(page, 40)).not.toBeInViewport()
  const before = await topOf(page, 84)

  await recordTurns(agent, run, someTurns(500, 120))
  await expectWhole(page, 620)
  expect(await topOf(page, 84)).toBe(before)
  await expect(inspector.getByText("leaf-40")).toBeVisible()
  await expect(inspector.locator("[aria-expanded=true]")).toHaveCount(open)
  await expect(page).toHaveURL(/turn=40/)
  await expect(page.getByRole("button", { name: "500 new turns" })).toBeVisible()

  await showAs(page, "Transcript")
  const article = page.getByRole("article", { name: /, turn 40$/ })
  await expect(article).toBeInViewport()
  await expect(article).toHaveAttribute("aria-current", "true")
  await expect(article).toContainText("rows")
  const stood = (await article.boundingBox())?.y
  await recordTurns(agent, run, someTurns(100, 620))
  await expectWhole(page, 720)
  expect((await article.boundingBox())?.y).toBe(stood)
  await expect(runMain(page)).toHaveAttribute("data-live", "paused")
})

test("following pauses when the viewer scrolls away, and every way back resumes it", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Follow me" })
  let count = 80
  await recordTurns(agent, run, someTurns(count))
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, count)
  await expect(follow(page)).toHaveAttribute("aria-pressed", "true")
  await expect(turnRow(page, count - 1)).toBeInViewport()
  const arrive = async () => {
    await recordTurns(agent, run, someTurns(3, count))
    count += 3
    await expectWhole(page, count)
  }
  const ways: [name: string, pause: () => Promise<unknown>, resume: () => Promise<unknown>][] = [
    [
      "wheel up",
      async () => {
        await grid(page).hover()
        await page.mouse.wheel(0, -60)
      },
      () => page.getByRole("button", { name: "3 new turns" }).click(),
    ],
    [
      "PageUp",
      async () => {
        await grid(page).focus()
        await page.keyboard.press("PageUp")
      },
      () => page.keyboard.press("L"),
    ],
    ["selection", () => page.keyboard.press("k"), () => page.keyboard.press("End")],
    ["its button", () => follow(page).click(), () => follow(page).click()],
  ]
  for (const [name, pause, resume] of ways) {
    await pause()
    await expect(follow(page), name).toHaveAttribute("aria-pressed", "false")
    await expect(runMain(page), name).toHaveAttribute("data-live", "paused")
    await arrive()
    await expect(page.getByRole("button", { name: "3 new turns" }), name).toBeVisible()
    await resume()
    await expect(follow(page), name).toHaveAttribute("aria-pressed", "true")
    await expect(turnRow(page, count - 1), name).toBeInViewport()
    await expect(page.getByRole("button", { name: /new turns?$/ }), name).toHaveCount(0)
    await arrive()
    await expect(turnRow(page, count - 1), name).toBeInViewport()
  }

  await page.keyboard.press("Escape")
  await showAs(page, "Transcript")
  const last = page.getByRole("article", { name: new RegExp(`, turn ${count - 1}$`) })
  await expect(last).toBeInViewport()
  await last.getByText("a line of output").first().dblclick()
  await expect(follow(page), "text selected").toHaveAttribute("aria-pressed", "false")
  await arrive()
  expect(await page.evaluate(() => getSelection()?.type)).toBe("Range")
  await expect(page.getByRole("button", { name: "3 new turns" })).toBeVisible()
})

test("the pending turn becomes a turn, or vanishes when its progress is cleared", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Make a turn" })
  await recordTurns(agent, run, someTurns(3))
  const ghost = page.locator('[data-turn="progress"]')
  await signIn(page, server)
  await openRun(page, server, run)
  await reportProgress(agent, run, { tool: "bash", parameters: { command: "sleep 9" } })
  await expect(ghost).toContainText("sleep 9")
  await ghost.click()
  await expect(page.getByRole("region", { name: "Turn 3, in progress" })).toContainText("sleep 9")
  await recordTurns(agent, run, [{ tool: "bash", parameters: { command: "sleep 9" }, output: "slept" }])
  await expect(ghost).toHaveCount(0)
  await expect(turnRow(page, 3)).toHaveAttribute("aria-selected", "true")
  await expect(page.getByRole("region", { name: "Turn 3", exact: true })).toContainText("slept")

  await reportProgress(agent, run, { text: "Let me think" })
  await expect(ghost).toContainText("Let me think")
  await reportProgress(agent, run, { text_delta: ", once more" })
  await expect(ghost).toContainText("Let me think, once more")
  await reportProgress(agent, run, null)
  await expect(ghost).toHaveCount(0)

  await reportProgress(agent, run, { tool: "deploy", waiting_for: "approval of: git push" })
  await expect(runMain(page)).toHaveAttribute("data-state", "waiting")
  await expect(ghost).toContainText("approval of: git push")
  await expect(page).toHaveTitle(/waiting/)
  const icon = page.locator('link[rel="icon"]')
  await expect(icon).toHaveAttribute("href", /^data:image/)

  // The owner disconnects, which clears its pending turn.
  agent.close()
  await expect(runMain(page)).toHaveAttribute("data-state", "gone")
  await expect(ghost).toHaveCount(0)
  await expect(icon).not.toHaveAttribute("href", /^data:image/)
})

test("a run is rewound, stepped, scrubbed and replayed while new turns keep arriving", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Go back" })
  const tokens = { input_tokens: 100, output_tokens: 20 }
  await recordTurns(agent, run, [{ message: "Let me see", usage: tokens }, ...someTurns(59, 1)])
  await signIn(page, server)
  await openRun(page, server, run, "?at=41")
  await expectWhole(page, 60)
  const main = runMain(page)
  const shows = async (cursor: number) => {
    await expect(turnRow(page, cursor - 1)).toBeInViewport()
    await expect(page.locator(`[data-turn-index="${cursor}"]`)).toHaveCount(0)
    await expect(page).toHaveURL(new RegExp(`at=${cursor}\\b`))
  }
  await expect(main).toHaveAttribute("data-live", "rewound")
  await shows(41)
  await expect(main.getByTitle(TEXT.numbers.replayed.tokensTitle)).toHaveText(TEXT.numbers.tokens("120"))
  await recordTurns(agent, run, someTurns(5, 60))
  await expectWhole(page, 65)
  await shows(41)
  await page.getByRole("button", { name: "Previous turn" }).click()
  await shows(40)
  await page.getByRole("button", { name: "Next turn" }).click()
  await shows(41)
  const scrub = page.getByRole("slider", { name: "Replay position" })
  await scrub.focus()
  await page.keyboard.press("ArrowLeft")
  await shows(40)
  await page.reload()
  await expectWhole(page, 65)
  await shows(40)

  await page.getByRole("button", { name: "Play" }).click()
  // These turns are so close together that the replay may end before a speed is selected.
  const speed = page.getByRole("combobox", { name: "Speed" })
  await speed.selectOption("100", { timeout: 3_000 }).catch(() => {})
  await expect(main).toHaveAttribute("data-live", "live")
  await expect(page.getByRole("button", { name: "Play" })).toBeVisible()
  await expect(turnRow(page, 64)).toBeInViewport()
  await page.getByRole("button", { name: "Previous turn" }).click()
  await page.getByRole("button", { name: "Go live" }).click()
  await expect(main).toHaveAttribute("data-live", "live")
  await expect(page).not.toHaveURL(/at=/)

  await reportProgress(agent, run, { tool: "bash" })
  await expect(page.locator('[data-turn="progress"]')).toHaveCount(1)
  await page.getByRole("button", { name: "Previous turn" }).click()
  await expect(page.locator('[data-turn="progress"]')).toHaveCount(0)
})

test("idle gaps fold on request, a child run opens in place, and the axis zooms and fits", async ({
  page,
  server,
  agent,
}) => {
  const at = (minutes: number) => new Date(Date.UTC(2026, 0, 5, 9, 0) + minutes * 60_000).toISOString()
  const run = await startRun(agent, { intent: "Wait long" })
  const child = await startRun(agent, { intent: "The child", parent: { run_id: run, turn_index: 1 } })
  await recordTurns(agent, child, [
    { tool: "read", parameters: { path: "a child's file" }, started_at: at(2), duration_ms: 30_000 },
    { tool: "read", parameters: { path: "another one" }, started_at: at(3), duration_ms: 30_000 },
  ])
  await completeRun(agent, child)
  await recordTurns(agent, run, [
    { tool: "bash", parameters: { command: "first" }, started_at: at(0), duration_ms: 60_000 },
    { kind: "agent", tool: "research", started_at: at(1), duration_ms: 180_000, child_run_id: child },
    { tool: "bash", parameters: { command: "after the wait" }, started_at: at(45), duration_ms: 60_000 },
  ])
  await completeRun(agent, run)
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 3)
  const bar = (index: number) => turnRow(page, index).locator("[data-bar]")
  const widthOf = async (index: number) => (await bar(index).boundingBox())?.width ?? 0
  const narrow = await widthOf(0)
  const fold = page.getByRole("button", { name: /^Fold 41m.* idle/ })
  await expect(fold).toHaveAttribute("aria-pressed", "false")
  await fold.click()
  await expect(page.getByRole("button", { name: /^Unfold 41m.* idle/ })).toHaveAttribute(
    "aria-pressed",
    "true",
  )
  await expect.poll(() => widthOf(0)).toBeGreaterThan(narrow * 4)
  await page.getByRole("button", { name: /^Unfold 41m.* idle/ }).click()
  await expect.poll(() => widthOf(0)).toBeCloseTo(narrow, 0)

  await page.getByRole("button", { name: "Expand child runs" }).click()
  const inside = page.locator(`[data-turn-run="${child}"]`)
  await expect(inside).toHaveCount(2)
  await expect(inside.first()).toContainText("a child's file")
  await expect(inside.first()).toHaveAttribute("aria-level", "2")
  const [outer, inner] = [
    await bar(1).boundingBox(),
    await inside.first().locator("[data-bar]").boundingBox(),
  ]
  if (outer === null || inner === null) throw new Error("both have bars")
  expect(inner.x).toBeGreaterThanOrEqual(outer.x - 1)
  expect(inner.x + inner.width).toBeLessThanOrEqual(outer.x + outer.width + 1)
  await inside.first().click()
  await expect(page.getByRole("region", { name: "Turn 0", exact: true })).toContainText("a child's file")
  await page.keyboard.press("[")
  await expect(inside).toHaveCount(2)
  await turnRow(page, 1).click()
  await page.keyboard.press("[")
  await expect(inside).toHaveCount(0)
  await page.keyboard.press("]")
  await expect(inside).toHaveCount(2)

  await bar(0).hover({ position: { x: 1, y: 2 } })
  await page.keyboard.down("Control")
  await page.mouse.wheel(0, -400)
  await page.keyboard.up("Control")
  await expect.poll(() => widthOf(0)).toBeGreaterThan(narrow * 2)
  await page.keyboard.press("f")
  await expect.poll(() => widthOf(0)).toBeCloseTo(narrow, 0)
  await page.keyboard.press("+")
  await expect(page.getByRole("button", { name: "Fit" })).toBeEnabled()
  await turnRow(page, 2).dblclick()
  await expect(page.getByRole("button", { name: "Fit" })).toBeDisabled()
})

test("cancelling asks for confirmation and reports the result; a run is exported in full; a copied link restores the view", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Stop me" })
  await recordTurns(agent, run, someTurns(5))
  const asked = new Promise((resolve) => agent.socket.once("runs.cancel_requested", resolve))
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 5)
  const dialog = page.getByRole("dialog", { name: /cancel this run/i })
  await page.getByRole("button", { name: "Cancel run" }).click()
  await dialog.getByRole("button", { name: "Keep running" }).click()
  await expect(dialog).toHaveCount(0)
  await page.getByRole("button", { name: "Cancel run" }).click()
  await dialog.getByLabel(/reason/i).fill("wrong branch")
  await dialog.getByRole("button", { name: "Request cancellation" }).click()
  await expect(dialog.getByRole("status")).toContainText("delivered")
  expect(await asked).toMatchObject({ run_id: run, reason: "wrong branch" })
  await dialog.getByRole("button", { name: "Close" }).last().click()
  await expect(runMain(page)).toHaveAttribute("data-state", "working")
  await expect(page.getByRole("button", { name: "Cancellation requested" })).toBeVisible()

  for (const [item, ends, first] of [
    [/JSON Lines/, ".jsonl", '{"record":"started"'],
    [/one document/, ".json", "{"],
  ] as const) {
    await page.getByRole("button", { name: "Export" }).click()
    const saving = page.waitForEvent("download")
    await page.getByRole("menuitem", { name: item }).click()
    const saved = await saving
    expect(saved.suggestedFilename()).toContain(ends)
    const chunks: Buffer[] = []
    for await (const chunk of await saved.createReadStream()) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString()
    expect(text.startsWith(first)).toBe(true)
    expect(text).toContain("step 4")
  }

  await turnRow(page, 2).click()
  await page.keyboard.press("y")
  await expect(page.getByRole("status").filter({ hasText: "Link copied" })).toBeAttached()
  // Pages may write the clipboard but not read it, so the test pastes the link like a user.
  const search = page.getByRole("searchbox", { name: "Search turns" })
  await search.focus()
  await page.keyboard.press("Control+v")
  await expect(search).toHaveValue(new RegExp(`/runs/${run}\\?turn=2$`))
  const link = await search.inputValue()
  await page.goto(link)
  await expect(turnRow(page, 2)).toHaveAttribute("aria-selected", "true")
})
