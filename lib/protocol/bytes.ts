const encoder = new TextEncoder()

/** Returns the size of a string in UTF-8 bytes. A lone surrogate counts as 3, because it is encoded as U+FFFD. */
export function utf8Bytes(text: string): number {
  return encoder.encode(text).length
}

/** Returns true if a string has at most `max` UTF-8 bytes. Encodes the string only if its length isn't decisive. */
export function fitsBytes(text: string, max: number): boolean {
  if (text.length * 3 <= max) return true
  return text.length <= max && utf8Bytes(text) <= max
}

/** Returns the longest prefix of at most `maxBytes` UTF-8 bytes, cut at a character boundary. */
export function keepStart(text: string, maxBytes: number): string {
  if (fitsBytes(text, maxBytes)) return text
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes))
  return text.slice(0, read)
}
