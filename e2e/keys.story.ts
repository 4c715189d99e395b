import type { Page } from "@playwright/test"
import { strings as shell } from "@/components/shell/strings"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, runMain, runRow, signIn, turnRow } from "./pages"
import { completeRun, ONE_OF_EACH, recordTurns, reportProgress, someTurns, startRun } from "./seeds"

/** Expects the focus to be visible, as an outline or a different background. */
async function expectFocusSeen(page: Page): Promise<void> {
  const seen = await page.evaluate(() => {
    const focused = document.activeElement
    if (focused === null || focused === document.body) return "nothing has the focus"
    // A grid shows the focus on its active row.
    const element = document.getElementById(focused.getAttribute("aria-activedescendant") ?? "") ?? focused
    const ring = element.closest("label") ?? element
    for (const one of [element, ring]) {
      const style = getComputedStyle(one)
      if (style.outlineStyle !== "none" && Number.parseFloat(style.outlineWidth) >= 2) return "seen"
    }
    return `${element.outerHTML.slice(0, 200)} shows no focus`
  })
  expect(seen).toBe("seen")
}

/** Presses Tab until an element with this name has the focus. */
async function tabTo(page: Page, name: RegExp, key = "Tab"): Promise<void> {
  for (let k = 0; k < 60; k++) {
    await page.keyboard.press(key)
    const found = await page.evaluate(() => {
      const element = document.activeElement
      const labels = element instanceof HTMLInputElement ? element.labels : null
      const label = element?.getAttribute("aria-label") ?? labels?.[0]?.textContent
      return label ?? element?.textContent ?? ""
    })
    if (name.test(found)) return expectFocusSeen(page)
  }
  throw new Error(`${name} can't be reached by ${key}`)
}

test("everything from sign-in to cancelling a run and back works without a mouse", async ({
  page,
  server,
  agent,
}) => {
  const other = await startRun(agent, { intent: "Another run", agent_id: "e2e/other" })
  await completeRun(agent, other)
  const run = await startRun(agent, { intent: "Walk through me" })
  await recordTurns(agent, run, [
    ...someTurns(20),
    { tool: "grep", parameters: { pattern: "needle" }, error: { message: "no match" } },
    ...someTurns(20, 21),
    { tool: "grep", parameters: { pattern: "the needle again" } },
    { tool: "bash", parameters: { command: "last" }, error: { message: "exit 1" } },
  ])
  const asked = new Promise((resolve) => agent.socket.once("runs.cancel_requested", resolve))
  const selected = async (index: number) => {
    await expect(turnRow(page, index)).toHaveAttribute("aria-selected", "true")
    await expect(turnRow(page, index)).toBeInViewport()
  }

  await page.goto(server.url)
  await expect(page.getByLabel("Token", { exact: true })).toBeFocused()
  await page.keyboard.type(server.viewerToken)
  await page.keyboard.press("Enter")
  await expect(page.locator("main[data-page=runs]")).toBeVisible()
  await expect(page.locator(`[data-run-id="${run}"]`).first()).toBeVisible()
  await page.keyboard.press("j")
  await expectFocusSeen(page)
  await page.keyboard.press("j")
  await page.keyboard.press("k")
  await expect(runRow(page, run)).toHaveAttribute("data-active", "true")
  await page.keyboard.press("Enter")
  await expect(runMain(page)).toHaveAttribute("data-run-id", run)
  await expectWhole(page, 43)

  await page.keyboard.press("g")
  await selected(0)
  await page.keyboard.press("j")
  await page.keyboard.press("ArrowDown")
  await page.keyboard.press("k")
  await selected(1)
  await page.keyboard.press("Enter")
  await expect(page.getByRole("region", { name: "Turn 1", exact: true })).toContainText("done 1")
  await page.keyboard.press("e")
  await selected(20)
  await page.keyboard.press("e")
  await selected(42)
  await page.keyboard.press("E")
  await selected(20)
  await page.keyboard.press(".")
  await selected(41)
  await page.keyboard.press(",")
  await selected(20)
  await page.keyboard.press("/")
  await expect(page.getByRole("searchbox", { name: "Search turns" })).toBeFocused()
  // Each of these letters is a shortcut elsewhere, and none of them acts while typing.
  await page.keyboard.type("step 1 gGjkeEnNltf?[]")
  await selected(20)
  await expect(page.getByRole("dialog")).toHaveCount(0)
  await page.keyboard.press("Control+a")
  await page.keyboard.type('"step 1"')
  await expect(page.getByText(/^11\+? found$/)).toBeVisible()
  await page.keyboard.press("Escape")
  await page.keyboard.press("n")
  await selected(1)
  await expect(page.getByText(/^1 of \d+\+?$/)).toBeVisible()
  await page.keyboard.press("N")
  await selected(19)
  await page.keyboard.press("n")
  await selected(1)
  await page.keyboard.press("Control+g")
  await page.keyboard.type("7")
  await page.keyboard.press("Enter")
  await selected(7)
  await page.keyboard.press("Escape")

  await page.keyboard.press("Escape")
  await expect(page.getByRole("region", { name: /^Turn \d/ })).toHaveCount(0)
  await page.keyboard.press("L")
  await expect(page.getByRole("button", { name: "Follow", exact: true })).toHaveAttribute(
    "aria-pressed",
    "true",
  )
  await expect(turnRow(page, 42)).toBeInViewport()
  await page.keyboard.press("Home")
  await selected(0)
  await page.keyboard.press("End")
  await expect(turnRow(page, 42)).toBeInViewport()
  // Turns recorded together are replayed too fast to poll for, so a listener watches for them.
  await runMain(page).evaluate((main) => {
    const note = () => {
      if (main.dataset.live === "rewound") sessionStorage.setItem("rewound", "seen")
    }
    new MutationObserver(note).observe(main, { attributes: true })
  })
  await page.keyboard.press(" ")
  await expect.poll(() => page.evaluate(() => sessionStorage.getItem("rewound"))).toBe("seen")
  await page.keyboard.press("l")
  await expect(runMain(page)).toHaveAttribute("data-live", "live")

  await tabTo(page, /^Cancel run$/)
  await page.keyboard.press("Enter")
  await expect(page.getByLabel(/reason/i)).toBeVisible()
  await tabTo(page, /reason/i)
  await page.keyboard.type("j")
  await tabTo(page, /^Request cancellation$/)
  await page.keyboard.press("Enter")
  await expect(page.getByRole("dialog").getByRole("status")).toContainText("delivered")
  expect(await asked).toMatchObject({ reason: "j" })
  await page.keyboard.press("Escape")
  await expect(page.getByRole("dialog")).toHaveCount(0)
  await expectFocusSeen(page)

  await page.keyboard.press("Control+k")
  await page.keyboard.type("another")
  await expect(page.getByRole("option").filter({ hasText: "Another run" })).toHaveAttribute(
    "aria-selected",
    "true",
  )
  await page.keyboard.press("Enter")
  await expect(runMain(page)).toHaveAttribute("data-run-id", other)
  await page.goBack()
  await expect(runMain(page)).toHaveAttribute("data-run-id", run)
  await page.keyboard.press("Tab")
  await tabTo(page, /^Runs$/, "Shift+Tab")
  await page.keyboard.press("Enter")
  await expect(page.locator("main[data-page=runs]")).toBeVisible()
})

test("single-letter shortcuts can be disabled permanently, and every other key still works", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "No letters" })
  await recordTurns(agent, run, someTurns(5))
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 5)
  await page.keyboard.press("?")
  await page.getByRole("checkbox", { name: /single-letter/i }).uncheck()
  await page.keyboard.press("Escape")
  for (const again of [false, true]) {
    if (again) {
      await page.reload()
      await expectWhole(page, 5)
    }
    await page.keyboard.press("?")
    await page.keyboard.press("j")
    await page.keyboard.press("t")
    await page.keyboard.press("ArrowDown")
    await expect(page.locator("[aria-selected=true][data-turn-index]")).toHaveCount(1)
    await expect(page.getByRole("dialog")).toHaveCount(0)
    await expect(page.locator("html")).not.toHaveAttribute("data-theme", /./)
    await page.keyboard.press("Escape")
  }
  await page.keyboard.press("Control+k")
  await expect(page.getByRole("dialog")).toBeVisible()
  await page.keyboard.press("Escape")
  await page.getByRole("button", { name: shell.menu.label }).click()
  await page.getByRole("menuitemcheckbox", { name: /single-letter/i }).click()
  await page.keyboard.press("Escape")
  await page.keyboard.press("t")
  await expect(page.locator("html")).toHaveAttribute("data-theme", /./)
  await page.reload()
  await expect(page.locator("html")).toHaveAttribute("data-theme", /./)
})

test("one polite live region announces changes in one sentence; reduced motion stops everything but the clock", async ({
  page,
  server,
  agent,
}) => {
  await page.emulateMedia({ reducedMotion: "reduce" })
  const run = await startRun(agent, { intent: "Speak to me" })
  await recordTurns(agent, run, ONE_OF_EACH.slice(0, 1))
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 1)
  const polite = page.locator(
    '[aria-live]:not([aria-live="off"]):not(#__next-route-announcer__), [role=status]',
  )
  await expect(polite).toHaveCount(1)
  await expect(polite).toHaveAttribute("aria-live", "polite")
  await page.evaluate(() => {
    const said: string[] = []
    Object.assign(window, { said })
    const region = document.querySelector("[role=status]")
    if (region === null) throw new Error("there is no live region")
    new MutationObserver(() => said.push(region.textContent ?? "")).observe(region, {
      childList: true,
      characterData: true,
      subtree: true,
    })
  })
  for (const turn of [...someTurns(4), { tool: "bash", error: { message: "exit 1" } }])
    await recordTurns(agent, run, [turn])
  await expect(polite).toHaveText("5 new turns, 1 error")
  expect(await page.evaluate(() => (window as unknown as { said: string[] }).said)).toEqual([
    "5 new turns, 1 error",
  ])

  await reportProgress(agent, run, { tool: "bash", parameters: { command: "sleep 60" } })
  const ghost = page.locator('[data-turn="progress"]')
  await expect(ghost).toBeVisible()
  const moving = () =>
    page.evaluate(() => document.getAnimations().filter((one) => one.playState === "running").length)
  expect(await moving()).toBe(0)
  await page.keyboard.press("?")
  await page.getByRole("dialog").waitFor()
  expect(await moving()).toBe(0)
  await page.keyboard.press("Escape")
  const barWidth = async () => (await ghost.locator("[data-bar]").boundingBox())?.width
  const clock = ghost.getByRole("gridcell").nth(4)
  const [tick, width] = [await clock.textContent(), await barWidth()]
  await expect(clock).not.toHaveText(tick ?? "")
  await expect(clock).not.toHaveText((await clock.textContent()) ?? "")
  expect(typeof width).toBe("number")
  await page.emulateMedia({ reducedMotion: "no-preference" })
  await expect.poll(moving).toBeGreaterThan(0)
})
