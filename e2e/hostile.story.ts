import type { Page } from "@playwright/test"
import { strings as connect } from "@/components/connect/strings"
import type { Client } from "./fixtures"
import { expect, test } from "./fixtures"
import { traceTasks } from "./kit/traceTasks"
import { expectWhole, openRun, showAs, signIn } from "./pages"
import { PAYLOADS } from "./payloads"
import { completeRun, recordTurns, startRun, type TurnIn } from "./seeds"

/** Elements that no text from an agent may turn into, wherever it is shown. */
const HARMFUL = [
  "iframe, object, embed, base, marquee, math, audio, video, form[action*=evil], meta[http-equiv=refresh]",
  "[onerror], [onload], [onclick], [onfocus], [ontoggle], [onbegin], [onstart], [onloadstart], [srcdoc]",
  'a[href^="javascript" i], a[href^="data" i], a[href^="vbscript" i], a[href^="file" i], a[href^="//"]',
  'img:not([src^="data:image/"]), image, use[href^="data"], link[href*=evil], script[src*=evil]',
].join(", ")

const fits = (text: string, bytes: number) => {
  const cut = text.slice(0, Math.floor(bytes / 4))
  return cut === "" ? "x" : cut
}

/** A turn with a payload in every field that accepts a string. */
const turnOf = (text: string): TurnIn => ({
  kind: "tool",
  tool: fits(text, 256),
  prompt: text,
  message: text,
  thinking: text,
  parameters: {
    [text.slice(0, 200)]: text.slice(0, 2_000),
    nested: [text.slice(0, 2_000), { "<img src=x onerror=alert(1)>": text.slice(0, 200) }],
  },
  output: text,
  model: fits(text, 256),
  error: { message: text, type: text.slice(0, 100) },
  cli_outcome: { [text.slice(0, 60)]: text.slice(0, 200) },
  verifier_verdict: { why: text.slice(0, 500) },
  attributes: { [text.slice(0, 100)]: text.slice(0, 1_000) },
})

async function watchPolicy(page: Page): Promise<void> {
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI}`)
    })
  })
}

/** Waits for two frames, so that pending changes are rendered. */
const drawn = (page: Page) =>
  page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))

const harmful = (page: Page) =>
  page.evaluate(
    (selector) => [...document.querySelectorAll(selector)].map((it) => it.outerHTML.slice(0, 200)),
    HARMFUL,
  )

async function startHostile(agent: Client): Promise<string> {
  return startRun(agent, {
    agent_id: "e2e/hostile",
    agent_name: "<img src=x onerror=alert(1)>",
    intent: "<script>alert('intent')</script> ![i](https://evil.invalid/i.png) [x](javascript:alert(1))",
    outcome_description:
      "<img src=x onerror=alert(1)> [x](javascript:alert(1)) ![i](https://evil.invalid/i.png)",
    labels: { "<b>k</b>": "<img src=x onerror=alert(1)>" },
    parent: { run_id: "javascript:alert(1)", turn_index: 0 },
  })
}

type Walked = { index: number; forms: number; harmful: string[] }

/** Selects each turn by keyboard and shows every value in all its formats. Runs in the page, for speed. */
async function walkInspector(page: Page, from: number, to: number): Promise<Walked[]> {
  return page.evaluate(
    async ({ from, to, selector }) => {
      const frame = () => new Promise((resolve) => requestAnimationFrame(() => resolve(undefined)))
      const setSelect = Object.getOwnPropertyDescriptor(HTMLSelectElement.prototype, "value")?.set
      const found: Walked[] = []
      for (let index = from; index < to; index++) {
        performance.mark(`turn ${index}`)
        window.dispatchEvent(new KeyboardEvent("keydown", { key: index === 0 ? "g" : "j", bubbles: true }))
        const region = () => document.querySelector(`section[aria-label="Turn ${index}"]`)
        for (let k = 0; k < 600 && (region()?.querySelector("select") ?? null) === null; k++) await frame()
        const harm: string[] = []
        let forms = 0
        for (const button of region()?.querySelectorAll<HTMLButtonElement>(
          'section[aria-label="Raw"] button',
        ) ?? [])
          button.click()
        await frame()
        const sections = [...(region()?.querySelectorAll<HTMLElement>("section[aria-label]") ?? [])]
        const picks = sections.map(
          (section) =>
            [section, section.querySelector<HTMLSelectElement>('select[aria-label="Show as"]')] as const,
        )
        const most = Math.max(0, ...picks.map(([, select]) => select?.options.length ?? 0))
        for (let k = 0; k < most; k++) {
          for (const [, select] of picks) {
            const value = select?.options[k]?.value
            if (select === null || value === undefined) continue
            forms++
            setSelect?.call(select, value)
            select.dispatchEvent(new Event("change", { bubbles: true }))
          }
          await frame()
          harm.push(
            ...[...(region()?.querySelectorAll(selector) ?? [])].map((it) => it.outerHTML.slice(0, 120)),
          )
        }
        await frame()
        await frame()
        found.push({ index, forms, harmful: harm })
      }
      return found
    },
    { from, to, selector: HARMFUL },
  )
}

test("S13: hostile turns are text in the timeline, the inspector in each of its formats, and the transcript", async ({
  page,
  server,
  agent,
  offences,
}) => {
  // More than a hundred payloads, each in every format, take minutes on a slow machine.
  test.setTimeout(360_000)
  expect(new Set(PAYLOADS).size).toBeGreaterThanOrEqual(100)
  await watchPolicy(page)
  const run = await startHostile(agent)
  for (const text of PAYLOADS) await recordTurns(agent, run, [turnOf(text)])
  await recordTurns(agent, run, [
    { kind: "system", event: "<img src=x onerror=alert(1)>", message: "<script>alert(1)</script>" },
    { kind: "agent", tool: "hand-off", child_run_id: "javascript:alert(1)//<img src=x onerror=alert(1)>" },
  ])
  await agent.ask("runs.report_progress", {
    run_id: run,
    progress: {
      tool: "<img src=x onerror=alert(1)>",
      parameters: { "<b>": "<script>alert(1)</script>" },
      text: "<script>alert(1)</script>\u001b]8;;javascript:alert(1)\u0007x",
      waiting_for: "<b onclick=alert(1)>you</b> \u202Egnp",
    },
  })
  const count = PAYLOADS.length + 2
  await signIn(page, server)
  await openRun(page, server, run)
  await expectWhole(page, count)
  await page.locator('[data-turn="progress"]').click()
  await expect(page.getByText("<b onclick=alert(1)>you</b>").first()).toBeVisible()

  const walked: Walked[] = []
  const tasks = await traceTasks(page)
  for (let from = 0; from < count; from += 10)
    walked.push(...(await walkInspector(page, from, Math.min(count, from + 10))))
  expect(walked.flatMap((one) => one.harmful.map((html) => `turn ${one.index}: ${html}`))).toEqual([])
  expect(walked.filter((one) => one.index < PAYLOADS.length && one.forms < 8)).toEqual([])
  const heavy = (await tasks()).filter((task) => task.cpuMs > 50)
  await test.info().attach("tasks over 50 ms of processor time", {
    body: heavy
      .map(({ cpuMs, mark }) => {
        const begins = JSON.stringify(PAYLOADS[Number(mark.slice(5))]?.slice(0, 60))
        return `${Math.round(cpuMs)} ms, ${mark}: ${begins}`
      })
      .join("\n"),
  })

  await page.keyboard.press("Escape")
  await showAs(page, "Transcript")
  await page.getByRole("feed", { name: "Transcript" }).hover()
  for (let index = 0; index < count; index += 4) {
    await page.keyboard.press(index === 0 ? "g" : "j")
    for (let k = 0; k < 3; k++) await page.keyboard.press("j")
    expect(await harmful(page)).toEqual([])
  }
  await completeRun(agent, run, "failure", "<img src=x onerror=alert(1)> [x](javascript:alert(1))")
  await expect(page.locator("main")).toHaveAttribute("data-state", "completed")
  await page.keyboard.press("Escape")
  await drawn(page)
  expect(await harmful(page)).toEqual([])
  expect(offences).toEqual([])
})

test("S13: hostile runs are text in the list, the lanes, the dialogs and the log of incoming messages", async ({
  page,
  server,
  agent,
  offences,
}) => {
  test.setTimeout(120_000)
  await watchPolicy(page)
  for (const [k, text] of PAYLOADS.entries()) {
    const run = await startRun(agent, {
      agent_id: `e2e/h${k % 20}`,
      agent_name: fits(text, 250),
      intent: fits(text, 4_000),
      outcome_description: fits(text, 4_000),
      labels: { [fits(text, 120)]: fits(text, 120) },
    })
    if (k % 3 === 0)
      await agent.ask("runs.report_progress", {
        run_id: run,
        progress: {
          tool: fits(text, 200),
          text: text.slice(0, 4_000),
          ...(k % 2 === 0 && { waiting_for: fits(text, 900) }),
        },
      })
    else
      await agent.ask("runs.complete", {
        run_id: run,
        outcome: {
          status: "failure",
          summary: fits(text, 8_000),
          evidence: [text.slice(0, 500)],
          metrics: { "<b>": 1 },
        },
      })
  }
  // Refused messages are also shown, with their event names, payload paths and codes.
  const odd = agent.socket as unknown as { emit(event: string, ...args: unknown[]): void }
  for (const text of PAYLOADS.slice(0, 40)) odd.emit(text.slice(0, 60), { x: text })
  odd.emit("runs.record_turns", { run_id: "<img src=x onerror=alert(1)>", turns: [{ "<b>": { "<i>": 1 } }] })
  odd.emit("runs.start", { intent: 1, labels: { "<img src=x onerror=alert(1)>": 2 } })

  await signIn(page, server)
  const list = page.getByRole("grid", { name: "Runs", exact: true })
  await expect(list.locator("[data-run-id]").first()).toBeVisible()
  await expect(page.getByText("<script>alert(1)</script>").first()).toBeVisible()
  const box = await page.getByRole("img", { name: "Chart of runs" }).boundingBox()
  for (let y = 0; box !== null && y < 160; y += 25)
    await page.mouse.move(box.x + box.width * 0.975, box.y + 12 + y)
  await page.mouse.move(700, 700)
  for (let k = 0; k < 30; k++) {
    await page.mouse.wheel(0, 260)
    await drawn(page)
    expect(await harmful(page)).toEqual([])
  }
  await page.keyboard.press("Control+k")
  for (const words of ["", "<", "script", "javascript"]) {
    await page.getByRole("combobox").fill(words)
    await expect(page.getByRole("option").first()).toBeVisible()
    await drawn(page)
    expect(await harmful(page)).toEqual([])
  }
  await page.keyboard.press("Escape")
  for (const words of [
    "<img src=x onerror=alert(1)>",
    "\u202Egnp",
    "%_\\",
    '"'.repeat(50),
    "(a+)+$",
    "NEAR/ OR AND *",
  ]) {
    await page.goto(
      `${server.url}/?q=${encodeURIComponent(words)}&agent=${encodeURIComponent("<b>")}&label=${encodeURIComponent("<i>=<u>")}`,
    )
    await expect(page.locator("main[data-page=runs]")).toBeVisible()
    await drawn(page)
    expect(await harmful(page)).toEqual([])
  }
  await page.goto(
    `${server.url}/runs/${encodeURIComponent("<img src=x onerror=alert(1)>")}?turn=javascript:1&at=<b>`,
  )
  await expect(page.getByText("No such run").first()).toBeVisible()
  expect(await harmful(page)).toEqual([])
  await page.goto(`${server.url}/connect`)
  await expect(
    page.getByRole("list", { name: connect.log.title }).locator("[data-ok=false]").first(),
  ).toBeVisible()
  await page.getByText(connect.log.refused, { exact: true }).click()
  await expect(page.getByText("<img src=x onerror=alert(1)>").first()).toBeVisible()
  expect(await harmful(page)).toEqual([])
  expect(offences).toEqual([])
})
