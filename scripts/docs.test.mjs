import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"

const root = fileURLToPath(new URL("..", import.meta.url))
const PAGES = [".", "docs", "docs/adr"].flatMap((folder) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md") && name !== "NOTICES.md")
    .map((name) => join(folder, name)),
)
const FOLDERS = [
  ...["app", "bench", "cli", "clients", "components", "demo", "deploy", "docs", "e2e", "examples"],
  ...["lib", "packages", "scripts", "server"],
]
const SOURCE = /\.(?:tsx?|mjs|py|md|png|ya?ml|cfg|conf)$/

const read = (page) => readFileSync(join(root, page), "utf8")

/** Returns the text of a page without code blocks, because paths in code blocks are examples. */
const prose = (page) => read(page).replace(/^```[\s\S]*?^```$/gm, "")

/** Returns the anchor that GitHub gives a heading. */
function anchorOf(heading) {
  const text = heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "")
  return text.trim().replaceAll(" ", "-")
}

function brokenLinks(page) {
  const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link)
  return links.filter((link) => {
    if (/^https?:/.test(link)) return false
    const [path, anchor] = link.split("#")
    const target = path === "" ? page : join(dirname(page), path)
    if (!existsSync(join(root, target))) return true
    if (anchor === undefined) return false
    const headings = [...read(target).matchAll(/^#{1,6} (.*)$/gm)].map(([, heading]) => anchorOf(heading))
    return !headings.includes(anchor)
  })
}

function missingFiles(page) {
  const named = [...prose(page).matchAll(/`([\w()[\]./-]+\/[\w.-]+\.(?:tsx?|mjs|md|py|json))`/g)]
  return named.map(([, path]) => path).filter((path) => !existsSync(join(root, path)))
}

function missingScripts(page) {
  const { scripts } = JSON.parse(read("package.json"))
  const named = [...read(page).matchAll(/npm run (?:--silent )?([\w:-]+)/g)].map(([, name]) => name)
  return named.filter((name) => scripts[name] === undefined)
}

test.each(PAGES)("%s mentions only pages, files and scripts that exist", (page) => {
  expect({ links: brokenLinks(page), files: missingFiles(page), scripts: missingScripts(page) }).toEqual({
    links: [],
    files: [],
    scripts: [],
  })
})

test("commands that install the Python package name the current version", () => {
  const { version } = JSON.parse(read("package.json"))
  const pages = ["README.md", "docs/python.md"]
  const named = pages.flatMap((page) => [...read(page).matchAll(/turnline-([\w.]+)-py3/g)])
  expect(named.length).toBeGreaterThan(1)
  expect(new Set(named.map(([, found]) => found))).toEqual(
    new Set([version.replace(/-(a|b|rc)\w*\.?/, "$1")]),
  )
})

test("CONTRIBUTING.md names each constant together with the file that has it", () => {
  const steps = read("CONTRIBUTING.md").split(/^ *(?:\d+\.|-) /m)
  const wrong = steps.flatMap((step) => {
    const names = [...step.matchAll(/`([A-Z]+_?[A-Z_]+)`/g)].map(([, name]) => name)
    const files = [...step.matchAll(/`([\w/.]+\.tsx?)`/g)].map(([, path]) => path)
    const texts = files.filter((path) => existsSync(join(root, path))).map(read)
    return names.filter((name) => !texts.some((text) => text.includes(`const ${name}`)))
  })
  expect(wrong).toEqual([])
})

test("docs/operations.md lists the names that the path of a public URL can't have", () => {
  const names = [...read("lib/protocol/serverPaths.ts").matchAll(/"(\w[\w.-]*)"/g)].map(([, name]) => name)
  expect(names).toContain("socket.io")
  const page = read("docs/operations.md")
  const section = page.slice(page.indexOf("### Under a path"), page.indexOf("## Tokens and the audit log"))
  expect(names.filter((name) => !section.includes(`\`${name}\``))).toEqual([])
})

test("docs/operations.md lists every metric", () => {
  const sources = readdirSync(join(root, "server/metrics")).filter((name) => !name.includes(".test."))
  const names = sources.flatMap((name) =>
    [...read(`server/metrics/${name}`).matchAll(/"turnline_(\w+)"/g)].map(([, metric]) => metric),
  )
  expect(names.length).toBeGreaterThan(20)
  const page = read("docs/operations.md")
  expect(names.filter((name) => !new RegExp(`\`${name}[\`{]`).test(page))).toEqual([])
})

describe("docs/architecture.md", () => {
  const rows = [...read("docs/architecture.md").matchAll(/^\| `([\w/]+)` \|(.*)$/gm)]
  const contentOf = new Map(rows.map(([, folder, content]) => [folder, content]))

  /** Returns true if a folder has a row or is mentioned in a parent folder's row. */
  function isCovered(folder) {
    if (contentOf.has(folder)) return true
    for (let above = dirname(folder); above !== "."; above = dirname(above)) {
      if (contentOf.get(above)?.includes(`${folder.slice(above.length + 1)}/`)) return true
      if (contentOf.get(above)?.includes(`\`${folder.slice(above.length + 1)}\``)) return true
    }
    return false
  }

  test("covers every folder with source files", () => {
    const files = FOLDERS.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`),
    )
    const sources = files.filter((file) => SOURCE.test(file))
    const folders = new Set(sources.map((file) => dirname(file)))
    expect(folders.size).toBeGreaterThan(40)
    expect([...folders].filter((folder) => !isCovered(folder)).sort()).toEqual([])
  })

  test("describes only folders that exist", () => {
    expect([...contentOf.keys()].filter((folder) => !existsSync(join(root, folder)))).toEqual([])
  })
})
