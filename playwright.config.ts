import { defineConfig } from "@playwright/test"
import { BROWSER_ARGS, findBrowser } from "./scripts/browser.mjs"

const executablePath = findBrowser()

export default defineConfig({
  testDir: "e2e",
  testMatch: "**/*.story.ts",
  outputDir: "build/e2e",
  fullyParallel: true,
  workers: 2,
  // Far more than a story needs, because stories also run on slow machines, two at a time.
  timeout: 120_000,
  expect: { timeout: 30_000 },
  // A story that passes only on its second try counts as passed and is listed at the end: see scripts/test.mjs.
  retries: 1,
  forbidOnly: Boolean(process.env.CI),
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_NAME ? [["list"], ["json"]] : [["list"]],
  use: {
    viewport: { width: 1440, height: 900 },
    launchOptions: { args: BROWSER_ARGS, ...(executablePath ? { executablePath } : {}) },
    screenshot: "only-on-failure",
  },
})
