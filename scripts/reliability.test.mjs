import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { findMismatches, readGuarantees } from "./reliability.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const FOLDERS = ["cli", "components", "demo", "e2e", "examples", "lib", "scripts", "server"]
const TEST_FILE = /(\.(test|story)\.\w+|(^|\/)(describe[A-Z]\w+|longRuns)\.ts)$/

function readTests() {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`),
  )
  const tests = files.filter((file) => TEST_FILE.test(file) && file !== "scripts/reliability.test.mjs")
  return Object.fromEntries(tests.map((file) => [file, readFileSync(join(root, file), "utf8")]))
}

const page = readFileSync(join(root, "docs/reliability.md"), "utf8")

test("every guarantee lists tests with its ID or gives a reason for having none, and every ID in a test has a row", () => {
  expect(readGuarantees(page).length).toBeGreaterThan(80)
  expect(findMismatches(page, readTests())).toEqual([])
})

describe("findMismatches", () => {
  const row = (proof) => `| I1 | a turn survives | ${proof} | — |`
  const tests = { "a/b.test.ts": 'test("I1 T2: a turn survives", () => {})\ntest("I3 without a colon", run)' }
  const otherRows = "\n| T2 | kill -9 | `a/b.test.ts` | — |"

  test("accepts files whose tests have the ID", () => {
    expect(
      findMismatches(row("`a/b.test.ts`; on two nodes not yet: single node") + otherRows, tests),
    ).toEqual([])
  })

  test.each([
    ["a file without the id", row("`a/b.test.ts` `a/c.test.ts`") + otherRows, "a/c.test.ts"],
    ["a row without a test", row(" ") + otherRows, "neither"],
    ["not yet without a reason", row("not yet") + otherRows, "reason"],
    ["an id without a row", row("`a/b.test.ts`"), "T2 has no row"],
    ["an id with two rows", `${row("`a/b.test.ts`")}\n${row("`a/b.test.ts`")}${otherRows}`, "two rows"],
  ])("reports %s", (_, faultyPage, message) => {
    const mismatches = findMismatches(faultyPage, tests)
    expect(mismatches).toHaveLength(1)
    expect(mismatches[0]).toContain(message)
  })
})
