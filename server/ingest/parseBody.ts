import { limitDepth } from "@/lib/dialects/limitDepth"
import { parseExact } from "@/lib/protocol/exactNumbers"
import type { Json } from "@/lib/protocol/fields"

/**
 * Parses JSON from a foreign sender. `NaN` and `Infinity` without quotes, as Python's `json` writes them, become
 * strings. A byte order mark is ignored. Values that are nested too deeply are replaced.
 *
 * @throws {SyntaxError} for other invalid JSON
 */
export function parseBody(text: string): Json {
  return limitDepth(parse(withoutMark(text)) as Json)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error
    return parseExact(text)
  }
}

/** Removes a byte order mark, which JSON doesn't allow. */
export function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text
}
