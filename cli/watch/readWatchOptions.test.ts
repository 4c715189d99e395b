import { expect, test } from "vitest"
import { readWatchOptions } from "./readWatchOptions"

const NOW = Date.UTC(2026, 2, 1)
const read = (args: string[], env: NodeJS.ProcessEnv = {} as NodeJS.ProcessEnv) =>
  readWatchOptions(args, { TURNLINE_TOKEN: "tl_test", ...env }, NOW)

test("without options, all tools' sessions of the last day are shown", () => {
  expect(read([])).toMatchObject({ since: NOW - 86_400_000, once: false, content: true, token: "tl_test" })
  expect(read([])?.tools).toContain("claude-code")
  expect(read([])?.address.origin).toBe("http://127.0.0.1:3000")
})

test.each([
  ["30m", NOW - 1_800_000],
  ["7d", NOW - 7 * 86_400_000],
  ["all", 0],
])("--since %s", (since, expected) => {
  expect(read(["--since", since])?.since).toBe(expected)
})

test("tools can be given by their names and short names", () => {
  expect(read(["--tool", "claude, codex"])?.tools).toEqual(["claude-code", "codex"])
})

test("the tools' own variables say where they keep sessions, unless a home folder is given", () => {
  const env = { CLAUDE_CONFIG_DIR: "/opt/claude" } as unknown as NodeJS.ProcessEnv
  expect(read([], env)?.directories.claude).toBe("/opt/claude")
  expect(read(["--home", "/home/ada"], env)?.directories.claude).toBe("/home/ada/.claude")
})

test.each([[["--since", "soon"]], [["--tool", "vim"]], [["--wrong"]], [["stray"]]])(
  "%s is refused",
  (args) => {
    expect(() => read(args)).toThrow()
  },
)
