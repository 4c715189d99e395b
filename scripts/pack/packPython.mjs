// Builds the Python packages with the version of package.json: `node scripts/pack/packPython.mjs [folder]`, by default
// into dist/.
import { execFileSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join, resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { packWheel } from "./packWheel.mjs"

const ROOT = fileURLToPath(new URL("../..", import.meta.url))
/** Calls setuptools directly. pip would first download setuptools. */
const BUILD =
  "import sys, setuptools.build_meta as backend; print(getattr(backend, sys.argv[1])(sys.argv[2]))"
/** The modification time of all files in the package, which makes builds of the same sources identical. */
const SOURCE_DATE_EPOCH = "1767225600"

const NO_PYTHON =
  "The Python package needs Python 3.9 or newer with setuptools and wheel (Debian: python3-setuptools, python3-wheel)."

/**
 * Builds the wheel and the source distribution. Returns the wheel's path. Throws if setuptools or wheel isn't
 * installed.
 */
export function packPython(outDir) {
  buildWithSetuptools("build_sdist", outDir)
  return packWheel(outDir)
}

/** Builds `build_sdist` or `build_wheel` with setuptools, and returns its path. */
export function buildWithSetuptools(step, outDir) {
  const python = findPython()
  if (python === undefined) throw new Error(NO_PYTHON)
  const staging = mkdtempSync(join(tmpdir(), "turnline-pack-"))
  try {
    // The build writes files next to the sources, so it gets a copy of them.
    const sources = join(staging, "clients/python")
    cpSync(join(ROOT, "clients/python"), sources, { recursive: true, filter: isSource })
    cpSync(join(ROOT, "package.json"), join(staging, "package.json"))
    cpSync(join(ROOT, "LICENSE"), join(sources, "LICENSE"))
    mkdirSync(outDir, { recursive: true })
    const output = execFileSync(python, ["-c", BUILD, step, resolve(outDir)], {
      cwd: sources,
      encoding: "utf8",
      env: { ...process.env, SOURCE_DATE_EPOCH },
      stdio: ["ignore", "pipe", "pipe"],
    })
    return join(outDir, output.trim().split("\n").at(-1) ?? "")
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

const isSource = (path) => !/(?:__pycache__|\.egg-info|[/\\]build|[/\\]tests)$/.test(path)

/** Returns a Python interpreter that can build the package; undefined if there is none. */
export function findPython() {
  return ["python3", "/usr/bin/python3"].find((command) => {
    try {
      execFileSync(command, ["-c", "import setuptools.build_meta, wheel"], { stdio: "ignore" })
      return true
    } catch {
      return false
    }
  })
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  process.stdout.write(`${packPython(process.argv[2] ?? join(ROOT, "dist"))}\n`)
