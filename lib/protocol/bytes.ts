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
