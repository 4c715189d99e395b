import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { BUILD, hashOf, lockBuild, swapIn } from "./buildFolder.mjs"
import { run, say } from "./run.mjs"

const PACKAGES = join(BUILD, "packages")
const PROGRAM = fileURLToPath(new URL("pack/packClients.mjs", import.meta.url))
const SOURCES = ["clients/python/src", "lib", "scripts/pack"]
const SOURCE_FILES = [
  "LICENSE",
  "clients/python/README.md",
  "clients/python/pyproject.toml",
  "package.json",
  "package-lock.json",
  "packages/agent/README.md",
  "tsconfig.json",
]

/**
 * Packs the clients, for the server to hand out, unless their packages are up to date. If packing a client fails, a
 * message says so, and the server starts without that client's package.
 */
export async function ensureClientPackages() {
  const stamp = join(PACKAGES, "stamp")
  const upToDate = () => existsSync(stamp) && readFileSync(stamp, "utf8") === hashOf(SOURCES, SOURCE_FILES)
  if (upToDate()) return
  const unlock = await lockBuild("packages-lock")
  try {
    if (upToDate()) return
    const wanted = hashOf(SOURCES, SOURCE_FILES)
    const staging = `${PACKAGES}-staging`
    rmSync(staging, { recursive: true, force: true })
    const { code, output } = await run(process.execPath, [PROGRAM, staging])
    if (code === 0) writeFileSync(join(staging, "stamp"), wanted)
    else say(`${output}\nThe server starts without a package of a client, because packing it failed.`)
    if (existsSync(staging)) swapIn(staging, PACKAGES)
    else rmSync(PACKAGES, { recursive: true, force: true })
  } finally {
    unlock()
  }
}
