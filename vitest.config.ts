import { availableParallelism } from "node:os"
import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL(".", import.meta.url)).replace(/\/$/, "") } },
  test: {
    include: ["{lib,server,cli,components,demo,scripts,examples,clients}/**/*.test.{ts,tsx,mjs}"],
    // They need a browser: `npm run unit:browser`.
    exclude: ["**/*.browser.test.tsx", "**/node_modules/**"],
    pool: "forks",
    // Vitest leaves one core unused by default, which on two cores would run the files one after the other.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // Far more than a test needs, because the tests also run on slow machines with other work to do.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000, interval: 20 } },
    globalSetup: ["scripts/vitestSetup.mjs"],
  },
})
