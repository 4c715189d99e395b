import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { findRawPaths } from "./pagePaths.mjs"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
/** Everything that runs in a browser. */
const FOLDERS = ["app", "components", "lib/live"]

const found = (text) => findRawPaths("a.tsx", text)

describe("paths in pages", () => {
  test("all have the base path", () => {
    const files = FOLDERS.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true })
        .map((name) => join(folder, name))
        .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name)),
    )
    expect(files.length).toBeGreaterThan(300)
    expect(files.flatMap((name) => findRawPaths(name, readFileSync(join(ROOT, name), "utf8")))).toEqual([])
  })

  test.each([
    '<Link href="/connect">x</Link>',
    '<Link href="/">x</Link>',
    `<a href={\`/?agent=\${id}\`}>x</a>`,
    '<form action="/api/sign-in" />',
    "<code>/api/runs/x</code>",
    'fetch("/api/session")',
    `fetch(\`/api/runs/\${id}\`)`,
    'router.push("/")',
    'history.pushState(null, "", "/?a=b")',
    'location.assign("/")',
    `const path = () => \`/runs/\${id}\``,
    'const page = { href: "/" }',
    'new Notification("x", { icon: "/icon.svg" })',
    "const isHome = usePathname() === home",
    "document.cookie = `a=b; path=/; secure`",
  ])("%s is found", (text) => {
    expect(found(text)).toHaveLength(1)
  })

  test.each([
    '<Link href={pagePath("/connect")}>x</Link>',
    '<PageLink to="/">x</PageLink>',
    `fetch(pagePath(\`/api/runs/\${id}\`))`,
    `const href = pagePath(size === 0 ? "/" : \`/?\${query}\`)`,
    'useKeys({ "/": () => focus() })',
    'path.join("/")',
    'import { x } from "@/api/x"',
    "const isHome = withoutBasePath(usePathname()) === home",
    `document.cookie = \`a=b; path=\${path}; secure\``,
  ])("%s is not found", (text) => {
    expect(found(text)).toEqual([])
  })
})
