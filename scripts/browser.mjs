import { existsSync } from "node:fs"
import { createRequire } from "node:module"

const SYSTEM = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
]

/** Returns the path of an installed Chromium, or undefined. If `CHROMIUM_PATH` is set, only that path is tried. */
export function findBrowser() {
  const named = process.env.CHROMIUM_PATH
  if (named) return existsSync(named) ? named : undefined
  const { chromium } = createRequire(import.meta.url)("playwright")
  return [...SYSTEM, chromium.executablePath()].find((path) => existsSync(path))
}

/**
 * Flags that turn off Chromium's background activity and, as root, its sandbox, because Chromium refuses to start as
 * root with a sandbox.
 */
export const BROWSER_ARGS = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]
