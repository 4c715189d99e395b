import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, expect, test } from "vitest"
import { readCustomPrices } from "./readCustomPrices"

let dir = ""
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "turnline-prices-"))
})
afterEach(() => rmSync(dir, { recursive: true }))

function aFile(text: string): string {
  const path = join(dir, "prices.json")
  writeFileSync(path, text)
  return path
}

test("reads exact names and prefixes; by default, cached tokens cost as much as others", () => {
  const custom = readCustomPrices(
    aFile('{"exact":{"input":1,"output":2},"local-*":{"input":0,"output":0,"cached_input":5}}'),
  )
  expect(custom.map(({ rates }) => rates)).toEqual([
    { input: 1, output: 2, cached_input: 1, cache_creation_input: 1 },
    { input: 0, output: 0, cached_input: 5, cache_creation_input: 0 },
  ])
  const matching = (model: string) => custom.findIndex(({ matches }) => matches(model))
  expect(["exact", "exact-2", "local-x", "local"].map(matching)).toEqual([0, -1, 1, -1])
})

test.each([
  ["{", /isn't valid JSON\.$/],
  ["[]", /is invalid at its top level/],
  ['{"m":{"input":-1,"output":2}}', /is invalid at m\.input/],
  ['{"m":{"input":1,"output":2,"ouput":3}}', /is invalid at m: .*ouput/],
])("reports what is wrong with %s", (text, message) => {
  expect(() => readCustomPrices(aFile(text))).toThrow(message)
})

test("reports a file that can't be read", () => {
  expect(() => readCustomPrices(join(dir, "none.json"))).toThrow(/none\.json can't be read \(ENOENT\)\.$/)
})
