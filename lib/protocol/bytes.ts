const encoder = new TextEncoder()

/** The size of a string in UTF-8 bytes; a lone surrogate counts 3, as it is encoded. */
export function utf8Bytes(text: string): number {
  return encoder.encode(text).length
}

/** Whether a string is at most `max` UTF-8 bytes long; encodes only where the length in characters leaves it open. */
export function fitsBytes(text: string, max: number): boolean {
  if (text.length * 3 <= max) return true
  return text.length <= max && utf8Bytes(text) <= max
}

/** The longest start of a text that is at most `maxBytes` of UTF-8, cut between characters. */
export function keepStart(text: string, maxBytes: number): string {
  if (fitsBytes(text, maxBytes)) return text
  const { read } = encoder.encodeInto(text, new Uint8Array(maxBytes))
  return text.slice(0, read)
}
