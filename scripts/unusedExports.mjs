// Finds exported functions, classes and constants that no other file uses. Part of `npm run lint`. It compares words
// without scopes, so it misses some unused exports, but has no false positives. Types are exempt: they may be exported
// because a signature uses them.
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const EXPORT = /^export (?:async )?(?:function\*?|const|let|class) (\w+)/gm
/** Files whose exports are imported by a framework. */
const BY_FRAMEWORK = /^app\/|\.config\.[jt]s$|^scripts\/vitestSetup\.mjs$/

/**
 * @param {Map<string, string>} texts source texts by path.
 * @returns {string[]} `path: name` of each unused export.
 */
export function findUnusedExports(texts) {
  const filesWith = new Map()
  for (const text of texts.values())
    for (const word of new Set(text.match(/\w+/g))) filesWith.set(word, (filesWith.get(word) ?? 0) + 1)
  return [...texts].flatMap(([path, text]) =>
    BY_FRAMEWORK.test(path)
      ? []
      : [...text.matchAll(EXPORT)]
          .filter(([, name]) => filesWith.get(name) === 1)
          .map(([, name]) => `${path}: ${name}`),
  )
}

function main() {
  const list = execFileSync("git", ["ls-files", "*.ts", "*.tsx", "*.mjs", "*.js"], {
    cwd: ROOT,
    encoding: "utf8",
  })
  const texts = new Map(
    list
      .trim()
      .split("\n")
      .map((path) => [path, readFileSync(join(ROOT, path), "utf8")]),
  )
  const unused = findUnusedExports(texts)
  if (unused.length === 0) return 0
  process.stderr.write(
    `No other file uses these exports. Remove \`export\` or the code:\n${unused.join("\n")}\n`,
  )
  return 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) process.exitCode = main()
