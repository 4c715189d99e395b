import { mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Page, WebSocketRoute } from "@playwright/test"
import { clockEnv } from "./faults/clockJumps"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, runMain, signIn } from "./pages"
import { recordTurns, someTurns, startRun } from "./seeds"

/** A connection between page and server that can delay or drop events, or be closed. */
type Wire = {
  /** Events from the server are passed on (`pass`), delayed (`hold`) or dropped (`drop`). */
  rule: (message: string) => "pass" | "hold" | "drop"
  /** Passes everything on, delayed events first. */
  release(): void
  down(): Promise<void>
  up(): void
}

async function putWireBefore(page: Page): Promise<Wire> {
  const waiting: (() => void)[] = []
  const open = new Set<WebSocketRoute>()
  let isDown = false
  const wire: Wire = {
    rule: () => "pass",
    release() {
      wire.rule = () => "pass"
      for (const send of waiting.splice(0)) send()
    },
    async down() {
      isDown = true
      for (const socket of open) await socket.close()
    },
    up() {
      isDown = false
    },
  }
  await page.routeWebSocket(/\/socket\.io\//, (socket) => {
    if (isDown) return void socket.close()
    open.add(socket)
    const server = socket.connectToServer()
    socket.onMessage((message) => server.send(message))
    server.onMessage((message) => {
      const text = String(message)
      const what = wire.rule(text)
      if (what === "hold") waiting.push(() => socket.send(message))
      else if (what === "pass") socket.send(message)
    })
  })
  // Long polling would bypass this connection.
  await page.route(/\/socket\.io\/.*transport=polling/, (route) =>
    isDown ? route.abort() : route.continue(),
  )
  return wire
}

const isTurns = (message: string) =>
  message.includes('"runs.trace.event"') && message.includes('"record":"turns"')
const badge = (page: Page, text: string | RegExp) =>
  page.locator("main header").getByText(text, { exact: true })

test("the badge shows how much is missing while older turns still load", async ({ page, server, agent }) => {
  const run = await startRun(agent, { intent: "Long story" })
  await recordTurns(agent, run, someTurns(2_000))
  const wire = await putWireBefore(page)
  let pages = 0
  wire.rule = (message) => (message.includes('"outline":[') && pages++ > 0 ? "hold" : "pass")
  await signIn(page, server)
  await openRun(page, server, run)
  await expect(runMain(page)).toHaveAttribute("data-live", "catching-up")
  await expect(badge(page, /^catching up [\d,]+ of 2,000$/)).toBeVisible()
  await expect(page.locator('[data-turn-index="1999"]')).toBeVisible()
  wire.release()
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
  await expectWhole(page, 2_000)
})

test("a gap is reported and repaired, and the view doesn't claim to be complete before", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Mind the gap" })
  await recordTurns(agent, run, someTurns(3))
  const wire = await putWireBefore(page)
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 3)
  await expect(badge(page, "live")).toBeVisible()
  let dropped = 0
  wire.rule = (message) => {
    if (isTurns(message)) dropped++
    return isTurns(message) ? "drop" : "pass"
  }
  await recordTurns(agent, run, someTurns(2, 3))
  // An agent may receive its acknowledgement before viewers receive the turns.
  await expect.poll(() => dropped).toBe(1)
  let seen = 0
  wire.rule = (message) => (isTurns(message) && seen++ === 0 ? "pass" : "hold")
  await recordTurns(agent, run, someTurns(1, 5))
  await expect(runMain(page)).toHaveAttribute("data-live", "repairing")
  await expect(badge(page, "repairing 3–4")).toBeVisible()
  await expect(runMain(page)).toHaveAttribute("data-view-cursor", "3")
  await expect(page.locator('[data-turn-index="5"]')).toHaveCount(0)
  wire.release()
  await expectWhole(page, 6)
  await expect(badge(page, "live")).toBeVisible()
})

test("a lost connection is reported, and turns from the meantime appear afterwards", async ({
  page,
  server,
  agent,
}) => {
  const run = await startRun(agent, { intent: "Hold the line" })
  await recordTurns(agent, run, someTurns(3))
  const wire = await putWireBefore(page)
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, 3)
  await wire.down()
  await expect(runMain(page)).toHaveAttribute("data-live", "reconnecting")
  await expect(badge(page, "reconnecting")).toBeVisible()
  await recordTurns(agent, run, someTurns(4, 3))
  wire.up()
  await expectWhole(page, 7)
  await expect(runMain(page)).toHaveAttribute("data-live", "live")
})

const offsetFile = join(mkdtempSync(join(tmpdir(), "turnline-clock-")), "offset")

test.describe("with the clock an hour ahead", () => {
  test.use({ env: clockEnv(offsetFile) })

  test("a connected agent that sends nothing is shown as quiet, with the time since its last message", async ({
    page,
    server,
    agent,
  }) => {
    const run = await startRun(agent, { intent: "Say something" })
    await recordTurns(agent, run, someTurns(1))
    await signIn(page, server)
    await openRun(page, server, run)
    await expect(runMain(page)).toHaveAttribute("data-state", "working")
    writeFileSync(offsetFile, String(98_000))
    await expect(async () => {
      await page.reload()
      await expect(runMain(page)).toHaveAttribute("data-state", "quiet", { timeout: 1_000 })
    }).toPass()
    const since = page.getByText(/silent for \d+m \d+s/).first()
    await expect(since).toBeVisible()
    const first = await since.textContent()
    await expect(since).not.toHaveText(first ?? "")
    await recordTurns(agent, run, someTurns(1, 1))
    await expect(runMain(page)).toHaveAttribute("data-state", "working")
  })
})
