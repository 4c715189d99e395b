import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { findFaults, readPromises } from "./reliability.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const TEST_FILE = /(\.(test|story)\.\w+|(^|\/)(describe[A-Z]\w+|longRuns)\.ts)$/

function readTests() {
  const folders = ["cli", "components", "demo", "e2e", "examples", "lib", "scripts", "server"]
  const files = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`),
  )
  const tests = files.filter((file) => TEST_FILE.test(file) && file !== "scripts/reliability.test.mjs")
  return Object.fromEntries(tests.map((file) => [file, readFileSync(join(root, file), "utf8")]))
}

const page = readFileSync(join(root, "docs/reliability.md"), "utf8")

test("every promise names tests that carry its number, or says why there is none; no test carries an unknown number", () => {
  expect(readPromises(page).length).toBeGreaterThan(80)
  expect(findFaults(page, readTests())).toEqual([])
})

describe("is at fault", () => {
  const row = (proof) => `| I1 | a turn stays | ${proof} | — |`
  const tests = { "a/b.test.ts": 'test("I1 T2: a turn stays", () => {})\ntest("I3 is not one", run)' }
  const others = `\n| T2 | kills | \`a/b.test.ts\` | — |`

  test("nothing, when files carry what they are named for", () => {
    expect(findFaults(row("`a/b.test.ts`; on two nodes not yet: one only") + others, tests)).toEqual([])
  })

  test.each([
    ["a file that lacks the number", row("`a/b.test.ts` `a/c.test.ts`") + others, "a/c.test.ts"],
    ["a row without a test", row(" ") + others, "neither"],
    ["not yet without a reason", row("not yet") + others, "reason"],
    ["a number that no row has", row("`a/b.test.ts`"), "T2 is in no row"],
    ["a number with two rows", `${row("`a/b.test.ts`")}\n${row("`a/b.test.ts`")}${others}`, "two rows"],
  ])("%s", (_, spoiled, said) => {
    const faults = findFaults(spoiled, tests)
    expect(faults).toHaveLength(1)
    expect(faults[0]).toContain(said)
  })
})
