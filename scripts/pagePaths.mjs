// Finds paths in the pages that ignore the base path. With TURNLINE_PUBLIC_URL=https://host/turnline, they would lead
// to another application on the host. `pagePaths.test.mjs` runs this on all pages.

/** The first segments of the server's paths that pages use, and the query of the page of all runs. */
const KNOWN = String.raw`\/(?:(?:runs|compare|connect|sign-in|api|packages|socket\.io|icon\.svg)\b|\?)`
/** A string or JSX text that starts with such a path. */
const SERVER_PATH = new RegExp(`["'\`>]${KNOWN}`, "g")
/** The page of all runs. "/" is also a keyboard shortcut, for example, so it counts only in these places. */
const HOME =
  /(?:\b(?:href|action|src|url)\s*[=:]\s*\{?|\b(?:fetch|push|replace|prefetch|assign|open)\(|State\([^)]*,\s*)(["'`])\/\1/g
const COOKIE = /\bpath=\/["'`;]/g
const PATHNAME = /(?<!withoutBasePath\()\busePathname\(/g

/**
 * @param {string} path the name of the file, for the result.
 * @param {string} text its source text.
 * @returns {string[]} `path:line: text` of each place.
 */
export function findRawPaths(path, text) {
  const found = [SERVER_PATH, HOME]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .filter(({ index }) => !isAdded(text, index))
  for (const pattern of [COOKIE, PATHNAME]) found.push(...text.matchAll(pattern))
  return found.map(({ index }) => {
    const line = text.slice(0, index).split("\n").length
    return `${path}:${line}: ${text.split("\n")[line - 1].trim()}`
  })
}

/** Returns true if a place is in a call of `pagePath`, or in a `to` attribute, whose component calls `pagePath`. */
function isAdded(text, index) {
  const before = text.slice(0, index)
  if (/\bto=$/.test(before)) return true
  const call = before.lastIndexOf("pagePath(")
  if (call === -1) return false
  const between = before.slice(call)
  return between.split("(").length > between.split(")").length
}
