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

/** Returns the longest suffix of at most `maxBytes` UTF-8 bytes, cut at a character boundary. */
export function keepEnd(text: string, maxBytes: number): string {
  if (fitsBytes(text, maxBytes)) return text
  const tail = text.slice(-maxBytes)
  if (fitsBytes(tail, maxBytes)) return tail // It has only ASCII characters.
  let start = text.length
  let bytes = 0
  while (start > 0) {
    const wide = isSurrogatePair(text, start - 2)
    const size = wide ? 4 : unitBytes(text.charCodeAt(start - 1))
    if (bytes + size > maxBytes) break
    bytes += size
    start -= wide ? 2 : 1
  }
  return text.slice(start)
}

/** Returns true if one character outside the Basic Multilingual Plane starts at the offset. */
export function isSurrogatePair(text: string, at: number): boolean {
  if (at < 0) return false
  const code = text.codePointAt(at)
  return code !== undefined && code > 0xffff
}

function unitBytes(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : 3
}
