import { execFileSync, spawnSync } from "node:child_process"
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { FOLDERS, importRules } from "./importRules.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
/** Lints a project with our rules and a single import in the given folder, and returns the linter's output. */
function lint(folder, from) {
  const project = mkdtempSync(join(tmpdir(), "turnline-rules-"))
  try {
    for (const file of ["biome.json", "biome.imports.json"])
      copyFileSync(join(root, file), join(project, file))
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

test("biome.imports.json is up to date with the table", () => {
  expect(readFileSync(join(root, "biome.imports.json"), "utf8")).toBe(importRules())
})

test.each(["server", "components", "lib"])("every folder of %s has a rule", (parent) => {
  const folders = readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== "testing")
    .map((entry) => `${parent}/${entry.name}`)
  expect(folders.length).toBeGreaterThan(3)
  for (const folder of folders) expect(Object.keys(FOLDERS)).toContain(folder)
})

describe("the linter rejects an import from a folder that isn't below", () => {
  test.each([
    ["lib/protocol", "@/lib/trace/view/RunView"],
    ["lib/trace", "@/lib/live/Live"],
    ["lib/trace", "react"],
    ["lib/timeline", "node:fs"],
    ["lib/live", "@/components/ui/Button"],
    ["lib/agent", "@/lib/trace/view/RunView"],
    ["components/ui", "@/server/platform/Clock"],
    ["app", "@/server/platform/Clock"],
    ["app", "../server/platform/Clock"],
    ["server/registry", "@/lib/live/Live"],
    ["server/registry", "../../lib/live/Live"],
    ["server/store", "@/server/registry/RunRegistry"],
    ["server/net", "@/server/http/HttpServer"],
    ["server/fanout", "@/server/sockets/SocketServer"],
    ["components/ui", "@/components/turn/TurnInspector"],
    ["components/compare", "@/components/run/RunPage"],
    ["demo", "@/server/platform/Clock"],
  ])("%s ← %s", (folder, from) => {
    expect(lint(folder, from)).toContain("lint/style/noRestrictedImports")
  })

  test.each([
    ["components/ui", "@/lib/trace/view/RunView"],
    ["server/registry", "@/lib/protocol/limits"],
    ["lib/live", "@/lib/trace/view/RunView"],
  ])("%s ← %s is allowed", (folder, from) => {
    const output = lint(folder, from)
    expect(output).toMatch(/Checked 2 files/)
    expect(output).not.toContain("noRestrictedImports")
  })
})

describe("installed packages", () => {
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

  // The oldest versions without a known vulnerability that unauthenticated clients could exploit.
  test.each([
    ["ws", "8.21.0"],
    ["engine.io", "6.6.2"],
    ["socket.io-parser", "4.2.6"],
    ["next", "16.2.5"],
  ])("S21 S15 T41: every installed copy of %s is at least %s", (name, wanted) => {
    const found = version(name)
    expect(found.length).toBeGreaterThan(0)
    for (const one of found) expect(atLeast(one, wanted), `${name} ${one}`).toBe(true)
  })
})
