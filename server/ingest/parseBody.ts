import { limitDepth } from "@/lib/dialects/limitDepth"
import { parseExact } from "@/lib/protocol/exactNumbers"
import type { Json } from "@/lib/protocol/fields"

/**
 * Parses JSON from a foreign sender. `NaN` and `Infinity` without quotes, as Python's `json` writes them, become
 * strings. Values that are nested too deeply are replaced.
 *
 * @throws {SyntaxError} for other invalid JSON
 */
export function parseBody(text: string): Json {
  return limitDepth(parse(text) as Json)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error
    return parseExact(text)
  }
}
