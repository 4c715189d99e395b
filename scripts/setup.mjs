import { execFileSync } from "node:child_process"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { BUILD, hashOf, lockBuild, ROOT, swapIn } from "./buildFolder.mjs"
import { ensureClientPackages } from "./ensureClientPackages.mjs"
import { findPostgres } from "./postgres.mjs"
import { npm, run, say } from "./run.mjs"

export { npm, ROOT, run, say }

const DEPENDENCY_STAMP = join(ROOT, "node_modules", ".turnline-stamp")
const SOURCES = ["app", "cli", "components", "demo", "lib", "public", "server"]
const SOURCE_FILES = [
  "next.config.js",
  "postcss.config.mjs",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "scripts/bundle.mjs",
]

export function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

/** Ends the process if Node is too old for the dependencies. */
export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number)
  if (major < 20 || (major === 20 && minor < 19))
    fail(`Turnline needs Node 20.19 or newer; this is ${process.versions.node}.`)
}

async function must(what, command, args, options) {
  const { code, output } = await run(command, args, options)
  if (code !== 0) fail(`${output}\n${what} failed (${command} ${args.join(" ")}).`)
}

/** Installs the dependencies in the lock file, unless they are already installed. */
export async function ensureDependencies() {
  checkNode()
  const wanted = createHash("sha256")
    .update(readFileSync(join(ROOT, "package-lock.json")))
    .update(`${process.versions.modules} ${process.platform} ${process.arch}`)
    .digest("hex")
  if (existsSync(DEPENDENCY_STAMP) && readFileSync(DEPENDENCY_STAMP, "utf8") === wanted) return
  say("Installing dependencies …")
  // With NODE_ENV=production, npm would omit the packages for the build.
  await must("Installing", ...npm(["ci", "--include=dev", "--no-audit", "--no-fund"]))
  writeFileSync(DEPENDENCY_STAMP, wanted)
}

/** Builds the pages, the server and the client packages that the server serves, unless they are up to date. */
export async function ensureBuild() {
  await Promise.all([ensureServer(), ensureClientPackages()])
}

/**
 * Builds pages and server unless the current build is up to date. Both are built in a staging folder and renamed
 * into place, so a running server never sees a partial build.
 */
async function ensureServer() {
  const stamp = join(BUILD, "stamp")
  const upToDate = () => existsSync(stamp) && readFileSync(stamp, "utf8") === hashOf(SOURCES, SOURCE_FILES)
  if (upToDate()) return
  const unlock = await lockBuild("lock")
  try {
    if (upToDate()) return
    say("Building …")
    const wanted = hashOf(SOURCES, SOURCE_FILES)
    const staging = ".next-staging"
    rmSync(join(ROOT, staging), { recursive: true, force: true })
    const { bundleServer } = await import("./bundle.mjs")
    await bundleServer(join(BUILD, "server-staging"))
    await must(
      "Building the pages",
      process.execPath,
      [join(ROOT, "node_modules/next/dist/bin/next"), "build"],
      {
        env: { NODE_ENV: "production", TURNLINE_BUILD_DIR: staging, TURNLINE_BUILD_ID: wanted.slice(0, 16) },
      },
    )
    rmSync(join(ROOT, staging, "cache"), { recursive: true, force: true })
    swapIn(join(ROOT, staging), join(ROOT, ".next"))
    swapIn(join(BUILD, "server-staging"), join(BUILD, "server"))
    writeFileSync(stamp, wanted)
  } finally {
    unlock()
  }
}

/** Installs Chromium for the tests, unless `findBrowser` finds one. */
export async function ensureBrowser() {
  const { findBrowser } = await import("./browser.mjs")
  if (findBrowser()) return
  say("Installing a browser …")
  const debian = existsSync("/etc/debian_version") && process.getuid?.() === 0
  if (debian) {
    await run("apt-get", ["update"])
    await run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], {
      env: { DEBIAN_FRONTEND: "noninteractive" },
    })
  }
  if (!findBrowser())
    await must("Installing a browser", process.execPath, [
      join(ROOT, "node_modules/playwright/cli.js"),
      "install",
      "chromium",
    ])
}

/** Installs PostgreSQL for the tests that need it. Does nothing without root; those tests are skipped then. */
export async function ensurePostgres() {
  if (process.env.DATABASE_URL_TEST || findPostgres() !== undefined) return
  if (!existsSync("/etc/debian_version") || process.getuid?.() !== 0) return
  say("Installing PostgreSQL …")
  const config = "/etc/postgresql-common"
  if (!existsSync(config)) {
    // Don't set up a server: only the programs are needed.
    mkdirSync(config, { recursive: true })
    writeFileSync(join(config, "createcluster.conf"), "create_main_cluster = false\n")
  }
  const env = { DEBIAN_FRONTEND: "noninteractive" }
  await run("apt-get", ["update"])
  await run("apt-get", ["install", "-y", "--no-install-recommends", "postgresql"], { env })
}

/**
 * Installs the packages for the Python client and its tests. Does nothing without root; those tests are skipped then.
 */
export async function ensurePythonClient() {
  const imports = "import socketio, requests, aiohttp, websocket, setuptools, wheel, mypy"
  const has = () =>
    ["python3", "/usr/bin/python3"].some((python) => {
      try {
        execFileSync(python, ["-c", imports], { stdio: "ignore" })
        return true
      } catch {
        return false
      }
    })
  if (has() || !existsSync("/etc/debian_version") || process.getuid?.() !== 0) return
  say("Installing packages for the Python client …")
  const env = { DEBIAN_FRONTEND: "noninteractive" }
  const names = ["socketio", "requests", "aiohttp", "websocket", "setuptools", "wheel"]
  const packages = [...names.map((name) => `python3-${name}`), "mypy"]
  await run("apt-get", ["update"])
  await run("apt-get", ["install", "-y", "--no-install-recommends", ...packages], { env })
}
