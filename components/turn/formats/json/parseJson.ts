import { exactNumber, parseExact, stringifyExact } from "@/lib/protocol/exactNumbers"

/** Longer strings aren't parsed, because parsing them would block the page. */
const MAX_PARSED_CHARS = 2_000_000

/**
 * Parses a string that contains a JSON object or array, preserving every digit of large integers. Also parses JSON that
 * was encoded twice, as some exporters do. Returns undefined for any other string.
 */
export function parseJsonText(text: string): object | undefined {
  if (!/^\s*(?:[{[]|"\s*[{[])/.test(text) || text.length > MAX_PARSED_CHARS) return undefined
  try {
    const parsed = parseExact(text)
    if (typeof parsed === "string") return /^\s*[{[]/.test(parsed) ? parseJsonText(parsed) : undefined
    return typeof parsed === "object" && parsed !== null ? parsed : undefined
  } catch {
    return undefined
  }
}

/** Converts a value to indented JSON text. A value that JSON doesn't support is written as a string. */
export function printJson(value: unknown): string {
  return value === undefined ? "undefined" : stringifyExact(value, 2)
}

/** Returns the text of a value without children: every digit of a number, the characters of a string without quotes. */
export function leafText(value: unknown): string {
  return exactNumber(value) ?? String(value)
}

/**
 * Returns true if a value is shown as a number. Numbers that JavaScript can't represent are marked strings; see
 * `exactNumber`.
 */
export function isNumeric(value: unknown): boolean {
  return typeof value === "number" || exactNumber(value) !== undefined
}
