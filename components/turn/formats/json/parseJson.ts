import { exactNumber, parseExact, stringifyExact } from "@/lib/protocol/exactNumbers"

/** Longer strings aren't parsed, because parsing them would block the page. */
const MAX_PARSED_CHARS = 2_000_000

/**
 * Parses a string that contains a JSON object or array, preserving every digit of large integers. Also parses JSON that
 * was encoded several times, as some exporters do, and lines of JSON objects, as logs are. Returns undefined for any
 * other string.
 */
export function parseJsonText(text: string): object | undefined {
  const start = text.startsWith("\ufeff") ? text.slice(1) : text
  if (!/^\s*(?:[{[]|"\\*"?\s*[{[])/.test(start) || text.length > MAX_PARSED_CHARS) return undefined
  try {
    const parsed = parseExact(start)
    if (typeof parsed === "string") return parsed.length < text.length ? parseJsonText(parsed) : undefined
    return typeof parsed === "object" && parsed !== null ? parsed : undefined
  } catch {
    return parseJsonLines(start)
  }
}

const MAX_JSON_LINES = 5_000

/** Parses two or more lines with a JSON object each. */
function parseJsonLines(text: string): object | undefined {
  const end = text.indexOf("\n")
  if (end < 0 || !/^\s*\{.*\}\s*$/.test(text.slice(0, end)) || !text.trimEnd().endsWith("}")) return undefined
  const lines = text.split("\n").filter((line) => line.trim() !== "")
  if (lines.length < 2 || lines.length > MAX_JSON_LINES) return undefined
  try {
    const values = lines.map((line) => parseExact(line))
    return values.every((value) => typeof value === "object" && value !== null) ? values : undefined
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
