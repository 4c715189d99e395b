/**
 * Preserves the digits of numbers that JavaScript can't represent, such as integers beyond 2^53. In JSON text they are
 * numbers; in memory they are strings of their digits after a private-use character, the mark. `parseExact` and
 * `stringifyExact` convert between the two. A string that looks like such a number gets another mark, so that it stays
 * a string.
 */
const MARK = "\ue0c5"

const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?`
const MARKED = new RegExp(`^${MARK}(${NUMBER})$`)
const MARKED_OR_LIKE_IT = new RegExp(`^${MARK}+${NUMBER}$`)
const ESCAPED_MARK = /\\u[eE]0[cC]5/
/**
 * Integers of at least 16 digits, and exponents of at least three digits. JavaScript can represent shorter ones. The
 * pattern spells out the first digits, because V8 finds them several times faster than with `\d{16,}`.
 */
const MANY_DIGITS = /\d\d\d\d\d\d\d\d\d{8,}|\d[eE](?:\d|[+-]\d)\d\d/
const ALL_MANY_DIGITS = new RegExp(MANY_DIGITS, "g")
const TOKEN = new RegExp(String.raw`${NUMBER}|-?\bInfinity\b|\bNaN\b`, "g")
/** How far to search back for the start of a number. Bounds the work for long strings of digits. */
const LONG_NUMBER = 400
/**
 * A marked string in JSON text that is a value. Keys don't match. Neither do parts of other strings, because their
 * quotes are escaped.
 */
const MARKED_IN_JSON = new RegExp(`(?<!\\\\)"${MARK}(${MARK}*)(${NUMBER})"(?!:)`, "g")

/**
 * A cheap pre-filter: true whenever `markNumbers` would change more than `NaN` and `Infinity`, and sometimes when it
 * wouldn't. Usually fast, because one search finds all digits that may matter.
 */
export function mayHoldExactNumbers(text: string): boolean {
  if (text.includes(MARK) || ESCAPED_MARK.test(text)) return true
  if (!MANY_DIGITS.test(text)) return false
  for (const { index, 0: digits } of text.matchAll(ALL_MANY_DIGITS))
    if (isInNumber(text, index, /[eE]/.test(digits) ? /[\d.-]/ : /-/)) return true
  return false
}

/**
 * Returns false only if the digits at an index are clearly part of a string, such as an id, rather than of a number
 * that is a value. Before the index, the number may only have characters that match `earlier`.
 */
function isInNumber(text: string, index: number, earlier: RegExp): boolean {
  let before = index - 1
  while (earlier.test(text[before] ?? "")) if (index - before-- > LONG_NUMBER) return true
  while (/\s/.test(text[before] ?? "")) before--
  return before < 0 || /[[,:]/.test(text[before] ?? "")
}

/** Returns the digits of a number that JavaScript can't represent, or undefined for any other value. */
export function exactNumber(value: unknown): string | undefined {
  return typeof value === "string" && value.startsWith(MARK) ? MARKED.exec(value)?.[1] : undefined
}

/**
 * Parses JSON. Numbers that JavaScript can't represent become marked strings. The bare words `NaN` and `Infinity`,
 * which some writers use, become strings.
 *
 * @throws {SyntaxError} for any other text that isn't JSON.
 */
export function parseExact(text: string): unknown {
  if (mayHoldExactNumbers(text)) return JSON.parse(markNumbers(text))
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error
    return JSON.parse(markNumbers(text))
  }
}

/** Converts a value to JSON text, with marked strings as numbers. `indent` is passed to `JSON.stringify`. */
export function stringifyExact(value: unknown, indent?: number): string {
  return unmarkNumbers(JSON.stringify(value, null, indent))
}

/** Restores the numbers in the output of `JSON.stringify` for a value that may contain marked strings. */
export function unmarkNumbers(json: string): string {
  if (!json.includes(MARK)) return json
  return json.replace(MARKED_IN_JSON, (_all, more: string, digits: string) =>
    more === "" ? digits : `"${more}${digits}"`,
  )
}

/**
 * In JSON text, replaces numbers that JavaScript can't represent with marked strings, and bare `NaN` and `Infinity`
 * with strings.
 */
export function markNumbers(text: string): string {
  let marked = ""
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf('"', at)
    const end = quote < 0 ? text.length : quote
    marked += text.slice(at, end).replace(TOKEN, markToken)
    if (quote < 0) break
    at = endOfString(text, quote)
    marked += markString(text.slice(quote, at), text, at)
  }
  return marked
}

function markToken(token: string): string {
  if (token.endsWith("NaN") || token.endsWith("Infinity")) return `"${token}"`
  // An integer must keep every digit. A number with a fraction or an exponent only has to be in range, because
  // JavaScript keeps its value unless it has very many digits.
  const value = Number(token)
  const isHeld = /[.eE]/.test(token) ? Number.isFinite(value) : Number.isSafeInteger(value)
  return isHeld ? token : `"${MARK}${token}"`
}

/** Returns the index after the string literal that starts at `quote`. */
function endOfString(text: string, quote: number): number {
  for (let at = text.indexOf('"', quote + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0
    while (text.charCodeAt(at - 1 - backslashes) === 92) backslashes++
    if (backslashes % 2 === 0) return at + 1
  }
  return text.length
}

/** Adds a mark to a string literal that looks like a marked number, unless it is a key. */
function markString(literal: string, text: string, end: number): string {
  if (literal.length > 1_000 || !/\ue0c5|\\u[eE]0[cC]5/.test(literal)) return literal
  if (/^\s*:/.test(text.slice(end, end + 100))) return literal
  try {
    const value: unknown = JSON.parse(literal)
    return typeof value === "string" && MARKED_OR_LIKE_IT.test(value) ? JSON.stringify(MARK + value) : literal
  } catch {
    return literal
  }
}
