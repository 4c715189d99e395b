import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { SettingsFile } from "./SettingsFile"

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "settings-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const NOW = new Date("2026-03-01T10:00:00.000Z")

describe("SettingsFile", () => {
  it("creates the file and its folder", () => {
    const file = new SettingsFile(join(folder, "claude", "settings.json"))
    expect(file.read()).toEqual({})
    expect(file.write({ a: 1 }, NOW)).toBeUndefined()
    expect(file.read()).toEqual({ a: 1 })
  })

  it("backs the file up and keeps its mode", () => {
    const path = join(folder, "settings.json")
    writeFileSync(path, '{"a":1}', { mode: 0o640 })
    const backup = new SettingsFile(path).write({ a: 2 }, NOW)
    expect(readFileSync(backup ?? "", "utf8")).toBe('{"a":1}')
    expect(statSync(path).mode & 0o777).toBe(0o640)
  })

  it("changes the file behind a link, not the link", () => {
    const path = join(folder, "real.json")
    writeFileSync(path, "{}")
    symlinkSync(path, join(folder, "settings.json"))
    new SettingsFile(join(folder, "settings.json")).write({ a: 2 }, NOW)
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({ a: 2 })
  })

  it.each(["{", "[]", "1"])("refuses to change a file that isn't a JSON object: %s", (text) => {
    const path = join(folder, "settings.json")
    writeFileSync(path, text)
    expect(() => new SettingsFile(path).read()).toThrow("Nothing was changed.")
  })
})
