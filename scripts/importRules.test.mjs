import { execFileSync, spawnSync } from "node:child_process"
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const root = fileURLToPath(new URL("..", import.meta.url))
/** What the linter says of an import planted in a folder of a project that has our rules and nothing else. */
function lint(folder, from) {
  const project = mkdtempSync(join(tmpdir(), "turnline-rules-"))
  try {
    copyFileSync(join(root, "biome.json"), join(project, "biome.json"))
    mkdirSync(join(project, folder), { recursive: true })
    writeFileSync(join(project, folder, "planted.ts"), `import { x } from "${from}"\n\nexport const y = x\n`)
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, "node_modules/@biomejs/biome/bin/biome"), "lint", "--vcs-enabled=false", "."],
      { cwd: project, encoding: "utf8" },
    )
    return stdout + stderr
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
}

describe("an import that goes up is refused by the linter", () => {
  test.each([
    ["lib/protocol", "@/lib/trace/RunView"],
    ["lib/trace", "@/lib/live/Live"],
    ["lib/trace", "react"],
    ["lib/timeline", "node:fs"],
    ["lib/live", "@/components/ui/Button"],
    ["lib/agent", "@/lib/trace/RunView"],
    ["components", "@/server/clock"],
    ["app", "@/server/clock"],
    ["app", "../server/clock"],
    ["server/registry", "@/lib/live/Live"],
    ["server/registry", "../../lib/live/Live"],
    ["demo", "@/server/clock"],
  ])("%s ← %s", (folder, from) => {
    expect(lint(folder, from)).toContain("lint/style/noRestrictedImports")
  })

  test.each([
    ["components", "@/lib/trace/RunView"],
    ["server/registry", "@/lib/protocol/limits"],
    ["lib/live", "@/lib/trace/RunView"],
  ])("%s ← %s is allowed", (folder, from) => {
    const said = lint(folder, from)
    expect(said).toMatch(/Checked 2 files/)
    expect(said).not.toContain("noRestrictedImports")
  })
})

describe("what is installed", () => {
  const version = (name) => {
    const tree = JSON.parse(
      execFileSync("npm", ["ls", name, "--all", "--json"], { cwd: root, encoding: "utf8" }),
    )
    const found = new Set()
    const walk = (node) => {
      for (const [key, child] of Object.entries(node.dependencies ?? {})) {
        if (key === name && child.version) found.add(child.version)
        walk(child)
      }
    }
    walk(tree)
    return [...found]
  }
  const atLeast = (found, wanted) => found.localeCompare(wanted, "en", { numeric: true }) >= 0

  // The oldest versions without a known hole on the paths that strangers reach.
  test.each([
    ["ws", "8.21.0"],
    ["engine.io", "6.6.2"],
    ["socket.io-parser", "4.2.6"],
    ["next", "16.2.5"],
  ])("S21 S15 T41: %s is at least %s wherever it is installed", (name, wanted) => {
    const found = version(name)
    expect(found.length).toBeGreaterThan(0)
    for (const one of found) expect(atLeast(one, wanted), `${name} ${one}`).toBe(true)
  })
})
