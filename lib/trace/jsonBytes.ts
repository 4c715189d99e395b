import { utf8Bytes } from "@/lib/protocol/bytes"

// Characters whose size in JSON differs from their size in UTF-8: escapes and lone surrogates.
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON escapes control characters
const ESCAPED = /[\u0000-\u001f"\\\ud800-\udfff]/

/** Returns the size in bytes of a scalar (or undefined, which arrays write as null) as JSON text. */
export function scalarBytes(value: unknown): number {
  if (typeof value === "string") return stringBytes(value)
  if (typeof value === "number") return Number.isFinite(value) ? String(value).length : 4
  return value === false ? 5 : 4
}

/** Returns the size in bytes of a string as JSON text, including the quotes. */
export function stringBytes(text: string): number {
  if (text.length < 64 && isPlain(text)) return text.length + 2
  return ESCAPED.test(text) ? utf8Bytes(JSON.stringify(text)) : utf8Bytes(text) + 2
}

/** Returns true if every character takes one byte in JSON. Faster than a native call for short strings. */
function isPlain(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false
  }
  return true
}
