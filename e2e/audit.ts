import { readFileSync } from "node:fs"
import type { Page } from "@playwright/test"
import { expect } from "./fixtures"

const AXE = readFileSync(new URL("../node_modules/axe-core/axe.min.js", import.meta.url), "utf8")
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

type Found = {
  violations: { id: string; nodes: { target: unknown[]; html: string; failureSummary?: string }[] }[]
}

/** Runs axe on the current page in one theme. Returns one line per violation. */
async function audit(page: Page, scheme: "light" | "dark", only?: string[]): Promise<string[]> {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" })
  await page.evaluate(`window.axe === undefined && (() => { ${AXE} })()`)
  const options = only === undefined ? { type: "tag", values: RULES } : { type: "rule", values: only }
  const found = (await page.evaluate(
    `axe.run(document, { runOnly: ${JSON.stringify(options)}, resultTypes: ["violations"] })`,
  )) as Found
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, html, failureSummary }) => {
      const why = failureSummary?.split("\n").slice(1).join(" ").trim()
      return `${scheme} ${id}: ${target.join(" ")} ${html.slice(0, 160)} ${why ?? ""}`
    }),
  )
}

/** Expects that the page meets WCAG 2.2 AA in both themes and never scrolls horizontally. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  const found = [...(await audit(page, "light")), ...(await audit(page, "dark", ["color-contrast"]))]
  expect.soft(found, what).toEqual([])
  await expectNoSideways(page, what)
}

/** Expects that nothing is wider than the window. */
export async function expectNoSideways(page: Page, what: string): Promise<void> {
  const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
  expect.soft(overhang, `${what} scrolls horizontally`).toBeLessThanOrEqual(0)
}

/** Expects no horizontal scrolling from phone to wide screen, then restores the width. */
export async function expectEveryWidth(page: Page, what: string): Promise<void> {
  const before = page.viewportSize()
  for (const width of [320, 390, 640, 768, 1024, 2560]) {
    await page.setViewportSize({ width, height: 844 })
    await page.evaluate(
      () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    )
    await expectNoSideways(page, `${what} at ${width} px`)
  }
  if (before !== null) await page.setViewportSize(before)
}
