import { type SpawnSyncReturns, spawnSync } from "node:child_process"
import { readdirSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"

const FOLDER = fileURLToPath(new URL(".", import.meta.url))
const MODULES = readdirSync(`${FOLDER}tests`).filter((name) => /^test_.*\.py$/.test(name))
/** Python code that fails if Python is too old, or lacks a dependency of the client or of the fake server. */
const IMPORTS = "import sys; assert sys.version_info >= (3, 9); import socketio, requests, aiohttp"

function runPython(python: string, args: string[]): SpawnSyncReturns<string> {
  return spawnSync(python, args, { cwd: FOLDER, encoding: "utf8", timeout: 300_000 })
}

/** Returns a Python that can run the tests, or undefined if there is none. */
function findPython(): string | undefined {
  return ["python3", "/usr/bin/python3"].find((python) => runPython(python, ["-c", IMPORTS]).status === 0)
}

describe("the Python client", () => {
  const python = findPython()
  const reason =
    python === undefined
      ? " (skipped: no Python with python3-socketio, python3-requests and python3-aiohttp)"
      : ""

  it.skipIf(python === undefined).each(MODULES)(
    `%s passes${reason}`,
    (name) => {
      const args = ["-W", "ignore::ResourceWarning", "-m", "unittest", `tests.${name.slice(0, -3)}`]
      const { status, stdout, stderr } = runPython(python ?? "", args)
      expect(status, `${stdout}\n${stderr}`).toBe(0)
      // Without this check, a module that contains no tests would pass.
      expect(stderr).toMatch(/^Ran [1-9]/m)
    },
    310_000,
  )
})
