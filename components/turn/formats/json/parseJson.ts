import { exactNumber, parseExact, stringifyExact } from "@/lib/protocol/exactNumbers"

/** Longer texts aren't parsed: that would block the page. */
const MAX_PARSED_CHARS = 2_000_000

/**
 * Parses a text that holds a JSON object or array, with every digit of large integers; also one that was encoded twice,
 * as some exporters do. Undefined for any other text.
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

/** JSON text with two spaces of indentation. A value that JSON doesn't have is written as a string. */
export function printJson(value: unknown): string {
  return value === undefined ? "undefined" : stringifyExact(value, 2)
}

/** The text of a value without children: of a number every digit, of a string its characters without quotes. */
export function leafText(value: unknown): string {
  return exactNumber(value) ?? String(value)
}

/** Whether a value is shown as a number: one that JavaScript can't hold is a string inside. */
export function isNumeric(value: unknown): boolean {
  return typeof value === "number" || exactNumber(value) !== undefined
}
