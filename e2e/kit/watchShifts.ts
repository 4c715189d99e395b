import type { Page } from "@playwright/test"

declare global {
  interface Window {
    shifted: string[]
  }
}

/** Starts recording layout shifts. Returns a function that returns the texts of all elements that have moved. */
export async function watchShifts(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    window.shifted = []
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { sources: { node?: Node }[] })[])
        window.shifted.push(...entry.sources.map(({ node }) => node?.textContent ?? ""))
    }).observe({ type: "layout-shift" })
  })
  return async () => {
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
    return page.evaluate(() => window.shifted)
  }
}
