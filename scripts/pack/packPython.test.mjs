import { execFileSync } from "node:child_process"
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { ROOT } from "../setup.mjs"
import { findPython, packPython } from "./packPython.mjs"

const out = mkdtempSync(join(tmpdir(), "turnline-wheel-"))
afterAll(() => rmSync(out, { recursive: true, force: true }))

it.skipIf(findPython() === undefined)(
  "builds a wheel with the project's version that installs without the network (skipped without setuptools and wheel)",
  () => {
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"))
    const wheel = packPython(out)
    expect(wheel).toMatch(/turnline-[0-9][^-]*-py3-none-any\.whl$/)
    expect(readdirSync(out)).toContainEqual(expect.stringMatching(/^turnline-.*\.tar\.gz$/))
    // A wheel is a zip file, and Python can import from zip files.
    const program = `
import sys, importlib.metadata, zipfile
sys.path.insert(0, sys.argv[1])
names = zipfile.ZipFile(sys.argv[1]).namelist()
assert "turnline/py.typed" in names and not any("tests" in name for name in names), names
print(importlib.metadata.version("turnline"))
from turnline.errors import AgentError
`
    const printed = execFileSync(findPython() ?? "", ["-c", program, wheel], { encoding: "utf8", cwd: out })
    // "1.2.3-rc.1" is "1.2.3rc1" in Python.
    expect(printed.trim()).toBe(
      version.replace(/-(rc|beta|alpha)\.?/, (_, name) => (name === "rc" ? "rc" : name[0])),
    )
  },
  60_000,
)
