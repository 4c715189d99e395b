import { fitsBytes } from "@/lib/protocol/bytes"

export { keepStart } from "@/lib/protocol/bytes"

/** The longest end of a text that is at most `maxBytes` of UTF-8, cut between characters. */
export function keepEnd(text: string, maxBytes: number): string {
  if (fitsBytes(text, maxBytes)) return text
  let start = text.length
  let bytes = 0
  while (start > 0) {
    const wide = isPair(text, start - 2)
    const size = wide ? 4 : unitBytes(text.charCodeAt(start - 1))
    if (bytes + size > maxBytes) break
    bytes += size
    start -= wide ? 2 : 1
  }
  return text.slice(start)
}

/** The longest start of at most `maxChars` UTF-16 units that ends in no half of a surrogate pair. */
export function keepChars(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  return text.slice(0, isPair(text, maxChars - 1) ? maxChars - 1 : maxChars)
}

/** The longest end of at most `maxChars` UTF-16 units that begins with no half of a surrogate pair. */
export function keepLastChars(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  const start = text.length - maxChars
  return text.slice(isPair(text, start - 1) ? start + 1 : start)
}

function isPair(text: string, at: number): boolean {
  if (at < 0) return false
  const code = text.codePointAt(at)
  return code !== undefined && code > 0xffff
}

function unitBytes(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : 3
}
