/**
 * Preserves the digits of numbers that JavaScript can't represent, such as integers beyond 2^53. In JSON text they are
 * numbers; in memory they are strings of their digits after a private-use character, the mark. `parseExact` and
 * `stringifyExact` convert between the two. A string that looks like such a number gets another mark, to stay a string.
 */
const MARK = "\ue0c5"

const NUMBER = String.raw`-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?`
const MARKED = new RegExp(`^${MARK}(${NUMBER})$`)
const MARKED_OR_LIKE_IT = new RegExp(`^${MARK}+${NUMBER}$`)
const ESCAPED_MARK = /\\u[eE]0[cC]5/
/** JavaScript can represent numbers with fewer digits, and exponents with fewer digits. */
const MANY_DIGITS = 16
const LARGE_EXPONENT_DIGITS = 3
const TOKEN = new RegExp(String.raw`${NUMBER}|-?\bInfinity\b|\bNaN\b`, "g")
/** A marked string in JSON text: a value, never a key or part of another string, whose quotes are escaped. */
const MARKED_IN_JSON = new RegExp(`(?<!\\\\)"${MARK}(${MARK}*)(${NUMBER})"(?!:)`, "g")

/**
 * Returns true for every text that `markNumbers` changes, except for `NaN` and `Infinity`, and for some others. Cheap:
 * examines only every third character, since only runs of at least three digits matter.
 */
export function mayHoldExactNumbers(text: string): boolean {
  for (let at = LARGE_EXPONENT_DIGITS - 1; at < text.length; at += LARGE_EXPONENT_DIGITS) {
    if (!isDigit(text, at)) continue
    let start = at
    while (isDigit(text, start - 1)) start--
    while (isDigit(text, at + 1)) at++
    const digits = at - start + 1
    if (digits >= MANY_DIGITS && startsValue(text, start)) return true
    if (digits >= LARGE_EXPONENT_DIGITS && startsExponent(text, start)) return true
  }
  return text.includes(MARK) || ESCAPED_MARK.test(text)
}

function startsValue(text: string, digits: number): boolean {
  let before = text[digits - 1] === "-" ? digits - 2 : digits - 1
  while (before >= 0 && /\s/.test(text[before] ?? "")) before--
  return before < 0 || /[[,:]/.test(text[before] ?? "")
}

function startsExponent(text: string, digits: number): boolean {
  const sign = text[digits - 1] === "+" ? 1 : 0
  return /[eE]/.test(text[digits - 1 - sign] ?? "") && isDigit(text, digits - 2 - sign)
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0x30 && code <= 0x39
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

/** Converts a value to JSON text, with marked strings as numbers. `indent` is that of `JSON.stringify`. */
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

/** Replaces numbers that JavaScript can't represent with marked strings in JSON text, and bare `NaN` and `Infinity`. */
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
  // JavaScript writes most numbers as they were. For the others, it is enough that short ones have the same value.
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
