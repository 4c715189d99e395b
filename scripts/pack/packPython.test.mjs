import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { findPython, packPython } from "./packPython.mjs"

const out = mkdtempSync(join(tmpdir(), "turnline-python-"))
afterAll(() => rmSync(out, { recursive: true, force: true }))

it.skipIf(findPython() === undefined)(
  "builds a wheel and a source distribution (skipped without setuptools and wheel)",
  () => {
    expect(packPython(out)).toMatch(/turnline-[0-9][^-]*-py3-none-any\.whl$/)
    expect(readdirSync(out).sort()).toEqual([
      expect.stringMatching(/^turnline-.*\.whl$/),
      expect.stringMatching(/^turnline-.*\.tar\.gz$/),
    ])
  },
  60_000,
)
