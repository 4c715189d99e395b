// Rejects unusual words and suggests usual ones. Part of `npm run lint`.
// `node scripts/plainEnglish.mjs [file or folder …]` checks only the given files.
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { NAMES, SKIPPED, WORDS } from "./plainEnglishRules.mjs"

const ROOT = fileURLToPath(new URL("..", import.meta.url))
const TEXT_FILE = /\.(?:md|tsx?|mjs|cjs|js|css|py|sql|sh|ya?ml)$/
const SKIPPED_FOLDER = /^(?:node_modules|build|test-results|playwright-report|coverage|\..+)$/
/** Allows the words in a line. Without a reason after it, this marker is ignored. */
const IGNORE = /plain-english-ignore:(?=\s*\w)/
const ONLY_A_COMMENT = /^\s*(?:\/\/|\/\*|#|<!--|\{\/\*)\s*$/

/** Splits identifiers into words: `openPage` becomes `open Page`, `RUN_ID` becomes `RUN ID`. */
export function splitIdentifiers(line) {
  return line.replace(/([a-z\d])(?=[A-Z])/g, "$1 ").replace(/(?<=\w)_+(?=\w)/g, " ")
}

function findInLine(line) {
  const words = splitIdentifiers(line)
  const matches = [
    ...WORDS.map(({ pattern, use }) => ({ use, match: pattern.exec(line) ?? pattern.exec(words) })),
    ...NAMES.map(({ pattern, use }) => ({ use, match: pattern.exec(line) })),
  ]
  return matches.flatMap(({ use, match }) => (match ? [`"${match[0]}": write ${use}`] : []))
}

/**
 * Finds banned words in a string.
 *
 * @returns {{ line: number, message: string }[]} one entry per problem, lines counted from 1. An unnecessary
 * "plain-english-ignore" is a problem, too.
 */
export function findProblems(text) {
  const lines = text.split("\n").map((line) => {
    const ignore = IGNORE.exec(line)
    return { text: ignore ? line.slice(0, ignore.index) : line, isIgnore: ignore !== null }
  })
  const unused = new Set([...lines.keys()].filter((at) => lines[at].isIgnore))
  const problems = []
  for (const [at, { text: line, isIgnore }] of lines.entries()) {
    const found = findInLine(line)
    if (found.length === 0) continue
    const before = lines[at - 1]
    if (isIgnore) unused.delete(at)
    else if (before?.isIgnore && ONLY_A_COMMENT.test(before.text)) unused.delete(at - 1)
    else for (const message of found) problems.push({ line: at + 1, message })
  }
  for (const at of unused)
    problems.push({ line: at + 1, message: "this plain-english-ignore allows nothing" })
  return problems.sort((a, b) => a.line - b.line)
}

function* filesIn(path) {
  if (!statSync(path).isDirectory()) {
    yield path
    return
  }
  for (const { name } of readdirSync(path, { withFileTypes: true }))
    if (!SKIPPED_FOLDER.test(name)) yield* filesIn(join(path, name))
}

/** Returns the text files to check: those named in `paths`, and those in folders named there. */
export function filesToCheck(paths, root = ROOT) {
  return paths
    .flatMap((path) => [...filesIn(join(root, path))])
    .map((file) => relative(root, file).replaceAll("\\", "/"))
    .filter((file) => TEXT_FILE.test(file) && !SKIPPED.includes(file))
    .sort()
}

function main(paths) {
  const missing = paths.filter((path) => !existsSync(join(ROOT, path)))
  if (missing.length > 0) {
    process.stderr.write(`${missing.join(", ")}: no such file or folder\n`)
    return 1
  }
  const report = filesToCheck(paths).flatMap((file) =>
    findProblems(readFileSync(join(ROOT, file), "utf8")).map(
      ({ line, message }) => `${file}:${line}: ${message}`,
    ),
  )
  if (report.length === 0) return 0
  process.stderr.write(
    `${report.join("\n")}\n\n${report.length} problems; see scripts/plainEnglishRules.mjs\n`,
  )
  return 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href)
  process.exitCode = main(process.argv.length > 2 ? process.argv.slice(2) : ["."])
