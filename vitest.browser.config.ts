import { fileURLToPath } from "node:url"
import { playwright } from "@vitest/browser-playwright"
import { defineConfig } from "vitest/config"
import { BROWSER_ARGS, findBrowser } from "./scripts/browser.mjs"

const executablePath = findBrowser()

/** Tests of what only a real browser does: scrolling, layout, focus. `npm run unit:browser`. */
export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
  // Next.js reads its settings from the environment, which a browser does not have.
  define: { "process.env": {} },
  oxc: { jsx: { runtime: "automatic" } },
  test: {
    include: ["{lib,components}/**/*.browser.test.tsx"],
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({
        launchOptions: { args: BROWSER_ARGS, ...(executablePath && { executablePath }) },
      }),
      instances: [{ browser: "chromium", viewport: { width: 800, height: 600 } }],
    },
  },
})
