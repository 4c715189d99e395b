import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
  test: {
    include: ["{lib,server,cli,components,demo,scripts,examples,clients}/**/*.test.{ts,tsx,mjs}"],
    // They need a browser: `npm run unit:browser`.
    exclude: ["**/*.browser.test.tsx", "**/node_modules/**"],
    pool: "forks",
    testTimeout: 20_000,
    globalSetup: ["scripts/vitestSetup.mjs"],
  },
})
