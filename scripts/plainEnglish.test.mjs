import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { filesToCheck, findProblems, splitIdentifiers } from "./plainEnglish.mjs"
import { NAMES, WORDS } from "./plainEnglishRules.mjs"

const lines = (text) => findProblems(text).map(({ line }) => line)

describe("banned words are found", () => {
  test.each([
    ["in prose", "The server begins anew."],
    ["in a comment", "const a = 1 // whoever calls this"],
    ["in a string", 'throw new Error("the token is no good")'],
    ["in a camelCase identifier", "function beginAnew() {}"],
    ["in an upper-case identifier", "const TOLD_AT = 0"],
    ["as part of a class name", "class CommandDoor {}"],
    ["at the start of a sentence", "Told by the registry."],
    ["as a constant's prefix", "const MOST_ROWS = 20"],
    ["as a callback", "type Parts = { changed: (row: Row) => void }"],
    ["as an error class without Error", "class StoreUnavailable extends Error {}"],
  ])("%s", (_, line) => {
    expect(findProblems(line)).toHaveLength(1)
  })

  test("on every line, with the line number and a suggestion", () => {
    expect(findProblems("fine\nbegins anew\nfine\nbegins afresh")).toEqual([
      { line: 2, message: '"anew": write again' },
      { line: 4, message: '"afresh": write again, from scratch' },
    ])
  })
})

test.each([
  "There is no audit log.",
  "It is no longer connected.",
  "const answered = told2 ?? toldest",
  "An ended run is kept for 30 days.",
  "type Parts = { onChange: (row: Row) => void }",
  "class StoreUnavailableError extends Error {}",
  "const MAX_ROWS = 20",
  "| what changed: | (nothing) |",
])("plain English is accepted: %s", (line) => {
  expect(findProblems(line)).toEqual([])
})

describe("a line is allowed", () => {
  test.each([
    ["by a comment at its end", "unless told otherwise // plain-english-ignore: an idiom"],
    ["by a comment before it", "// plain-english-ignore: an idiom\nunless told otherwise"],
    ["in Markdown", "<!-- plain-english-ignore: an idiom -->\nunless told otherwise"],
    ["in JSX", "{/* plain-english-ignore: an idiom */}\nunless told otherwise"],
    ["in Python", "unless_told_otherwise = 1  # plain-english-ignore: an idiom"],
  ])("%s", (_, text) => {
    expect(findProblems(text)).toEqual([])
  })

  test("but not the lines around it", () => {
    expect(lines("told\ntold // plain-english-ignore: an idiom\ntold")).toEqual([1, 3])
  })

  test("only with a reason", () => {
    expect(lines("told // plain-english-ignore:")).toEqual([1])
    expect(lines("told <!-- plain-english-ignore: -->")).toEqual([1])
  })

  test("only if something in it is banned", () => {
    expect(findProblems("fine // plain-english-ignore: an idiom")).toEqual([
      { line: 1, message: "this plain-english-ignore allows nothing" },
    ])
  })
})

test("identifiers are read as words", () => {
  expect(splitIdentifiers("toldOfCancel TOLD_AT last_sign_at #moved HTTPServer")).toBe(
    "told Of Cancel TOLD AT last sign at #moved HTTPServer",
  )
})

test("every rule can match and has a suggestion", () => {
  for (const { pattern, use } of [...WORDS, ...NAMES]) {
    expect(use.length).toBeGreaterThan(0)
    // A global pattern continues where its last match ended and could miss a match on the next line.
    expect(pattern.global).toBe(false)
    expect(pattern.test("")).toBe(false)
  }
})

describe("the files that are checked", () => {
  function project(files) {
    const root = mkdtempSync(join(tmpdir(), "turnline-english-"))
    for (const file of files) {
      mkdirSync(join(root, file, ".."), { recursive: true })
      writeFileSync(join(root, file), "")
    }
    return root
  }

  test("are all text files, except in dependencies and hidden folders", () => {
    const root = project([
      "README.md",
      "docs/a.md",
      "app/b.tsx",
      "app/c.png",
      "node_modules/a.md",
      ".git/a.md",
    ])
    try {
      expect(filesToCheck(["."], root)).toEqual(["README.md", "app/b.tsx", "docs/a.md"])
      expect(filesToCheck(["docs"], root)).toEqual(["docs/a.md"])
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})

test("the command reports file, line and word, and fails", () => {
  const script = fileURLToPath(new URL("plainEnglish.mjs", import.meta.url))
  const check = (...paths) => spawnSync(process.execPath, [script, ...paths], { encoding: "utf8" })
  expect(check("README.md")).toMatchObject({ status: 0, stderr: "" })
  expect(check("no/such/folder")).toMatchObject({
    status: 1,
    stderr: expect.stringContaining("no such file"),
  })
})
