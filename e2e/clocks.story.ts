import type { Page } from "@playwright/test"
import { expect, test } from "./fixtures"
import { expectWhole, openRun, runMain, runRows, signIn } from "./pages"
import { completeRun, recordTurns, reportProgress, startRun, type TurnIn } from "./seeds"

const HOUR = 3_600_000
const DAY = 24 * HOUR
const iso = (ms: number) => new Date(ms).toISOString()
const call = (command: string, rest: TurnIn = {}): TurnIn => ({
  tool: "bash",
  parameters: { command },
  ...rest,
})

/** Finds rendering errors: invalid numbers, misplaced bars and overlapping text. */
async function drawingErrors(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    const main = document.querySelector("main")
    // biome-ignore lint/performance/useDomNodeTextContent: this checks visible text
    const text = main?.innerText ?? ""
    for (const bad of ["NaN", "Infinity", "undefined", "Invalid", "[object"]) {
      if (text.includes(bad))
        found.push(`shows ${bad}: ${text.slice(Math.max(0, text.indexOf(bad) - 40)).slice(0, 90)}`)
    }
    if (/(^|\s)-\d+(\.\d+)?(ms|s|m|h|d)\b/.test(text)) found.push("shows a negative time")
    for (const bar of document.querySelectorAll<HTMLElement>("[data-bar]")) {
      const box = bar.getBoundingClientRect()
      const lane = bar.parentElement?.getBoundingClientRect()
      if (/NaN|Infinity/.test(bar.getAttribute("style") ?? ""))
        found.push(`a bar's style: ${bar.getAttribute("style")}`)
      if (!(box.width >= 1.5)) found.push(`a bar is ${box.width} wide`)
      if (lane !== undefined && (box.left < lane.left - 12 || box.right > lane.right + 12))
        found.push(`a bar at ${box.left}…${box.right} of ${lane.left}…${lane.right}`)
    }
    const head = document.querySelector('[aria-hidden="true"] [data-lane]')
    const ticks = [...(head?.querySelectorAll("span, button") ?? [])]
      .filter((tick) => tick.children.length === 0 && (tick.textContent ?? "") !== "")
      .map((tick) => {
        const range = document.createRange()
        range.selectNodeContents(tick)
        return { text: tick.textContent, box: range.getBoundingClientRect() }
      })
      .filter(({ box }) => box.width > 0)
    for (const [k, one] of ticks.entries())
      for (const other of ticks.slice(k + 1))
        if (
          one.box.left < other.box.right - 1 &&
          other.box.left < one.box.right - 1 &&
          one.box.top < other.box.bottom - 2 &&
          other.box.top < one.box.bottom - 2
        )
          found.push(`"${one.text}" over "${other.text}"`)
    for (const cell of document.querySelectorAll<HTMLElement>(
      "[role=gridcell].num, [role=gridcell] > .num",
    )) {
      if (cell.scrollWidth > cell.clientWidth + 1 && getComputedStyle(cell).textOverflow !== "ellipsis")
        found.push(`"${cell.textContent}" does not fit its column`)
    }
    return found
  })
}

test("whatever an agent's clock says, all displayed times are plausible and nothing overlaps", async ({
  page,
  server,
  agent,
}) => {
  test.setTimeout(120_000)
  const now = Date.now()
  const runs: { name: string; turns: TurnIn[]; live?: boolean }[] = [
    { name: "no turn", turns: [] },
    { name: "no turn, live", turns: [], live: true },
    { name: "one turn", turns: [call("only")], live: true },
    { name: "no times", turns: Array.from({ length: 12 }, (_, k) => call(`untimed ${k}`)) },
    {
      name: "an hour ahead",
      turns: Array.from({ length: 8 }, (_, k) =>
        call(`ahead ${k}`, { started_at: iso(now + HOUR + k * 5_000), duration_ms: 4_000 }),
      ),
      live: true,
    },
    {
      name: "an hour behind",
      turns: Array.from({ length: 8 }, (_, k) =>
        call(`behind ${k}`, { started_at: iso(now - HOUR + k * 5_000), duration_ms: 4_000 }),
      ),
      live: true,
    },
    {
      name: "overlapping",
      turns: Array.from({ length: 10 }, (_, k) =>
        call(`parallel ${k}`, {
          started_at: iso(now - 60_000 + (k % 3) * 1_000),
          duration_ms: 30_000 - k * 2_000,
        }),
      ),
    },
    {
      name: "out of order",
      turns: [5, 1, 9, 3].map((k) =>
        call(`at ${k}`, { started_at: iso(now - DAY / 2 + k * 60_000), duration_ms: 60_000 }),
      ),
    },
    {
      name: "over midnight",
      turns: Array.from({ length: 10 }, (_, k) =>
        call(`night ${k}`, {
          started_at: iso(Date.UTC(2026, 2, 28, 23, 0) + k * 15 * 60_000),
          duration_ms: 600_000,
        }),
      ),
    },
    {
      name: "over a week",
      turns: Array.from({ length: 14 }, (_, k) =>
        call(`day ${k}`, { started_at: iso(Date.UTC(2026, 1, 1) + k * (DAY / 2)), duration_ms: HOUR }),
      ),
    },
    {
      name: "absurd times",
      turns: [
        call("long ago", { started_at: "1970-01-01T00:00:00.000Z", duration_ms: 1 }),
        call("far off", { started_at: "9999-12-31T23:59:59.999Z", duration_ms: 1e15 }),
        call("now", { started_at: iso(now), duration_ms: 0 }),
        call("a fraction", {
          duration_ms: 0.004,
          usage: { input_tokens: 987_654_321, output_tokens: 123_456_789 },
          cost_usd: 12_345.678,
        }),
      ],
    },
  ]
  const ids: string[] = []
  for (const { name, turns, live } of runs) {
    const run = await startRun(agent, { intent: name, agent_id: `e2e/${name.replaceAll(/[^a-z]+/g, "-")}` })
    ids.push(run)
    if (turns.length > 0) await recordTurns(agent, run, turns)
    if (live) await reportProgress(agent, run, { tool: "bash", started_at: iso(now + 2 * HOUR) })
    else await completeRun(agent, run)
  }
  await signIn(page, server)
  await expect(runRows(page)).toHaveCount(runs.length)
  expect(await drawingErrors(page), "the runs").toEqual([])
  for (const [k, { name, turns, live }] of runs.entries()) {
    await openRun(page, server, ids[k] ?? "")
    await expectWhole(page, turns.length)
    if (live) await expect(page.locator('[data-turn="progress"]')).toBeVisible()
    if (live) await expect(runMain(page)).toHaveAttribute("data-state", "working")
    expect(await drawingErrors(page), name).toEqual([])
    const fold = page.getByRole("button", { name: /^fold .* idle$/ })
    if ((await fold.count()) > 0) {
      await fold.click()
      expect(await drawingErrors(page), `${name}, folded`).toEqual([])
    }
    for (let n = 0; n < 4; n++) await page.keyboard.press("+")
    expect(await drawingErrors(page), `${name}, zoomed`).toEqual([])
  }
  await page.setViewportSize({ width: 390, height: 844 })
  for (const k of [2, 9, 10]) {
    await openRun(page, server, ids[k] ?? "")
    await expectWhole(page, runs[k]?.turns.length ?? 0)
    expect(await drawingErrors(page), `${runs[k]?.name} on a phone`).toEqual([])
  }
})
