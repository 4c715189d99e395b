import { limitDepth } from "@/lib/dialects/limitDepth"
import { parseExact } from "@/lib/protocol/exactNumbers"
import type { Json } from "@/lib/protocol/fields"

/**
 * Parses JSON of a foreign sender. One bare `NaN` or `Infinity`, as Python's `json` writes them, doesn't cost the rest:
 * it becomes a string. What is nested too deeply is replaced.
 *
 * @throws {SyntaxError} for a text that isn't JSON otherwise.
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
