import { mkdtempSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { expect, test } from "vitest"
import { isForeign, makeOwnDataDir } from "./makeOwnDataDir"

test("S22: a data directory of another user is refused, except for root", () => {
  expect(isForeign(1_000, 1_001)).toBe(true)
  expect(isForeign(0, 1_000)).toBe(true)
  expect(isForeign(1_000, 1_000)).toBe(false)
  expect(isForeign(1_000, 0)).toBe(false)
  expect(isForeign(1_000, undefined)).toBe(false)
})

test("S22: only the owner can access a new data directory, with any umask", () => {
  const before = process.umask(0)
  try {
    const dir = join(mkdtempSync(join(tmpdir(), "turnline-own-")), "a", "b")
    makeOwnDataDir(dir)
    expect(statSync(dir).mode & 0o777).toBe(0o700)
  } finally {
    process.umask(before)
  }
})
