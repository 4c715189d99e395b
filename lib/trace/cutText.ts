import { fitsBytes } from "@/lib/protocol/bytes"

export { keepStart } from "@/lib/protocol/bytes"

/** Returns the longest suffix of at most `maxBytes` UTF-8 bytes, cut at a character boundary. */
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

/** Returns the longest prefix of at most `maxChars` UTF-16 units that doesn't split a user-perceived character. */
export function keepChars(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  return text.slice(0, boundaryNear(text, maxChars, "before"))
}

/** Returns the longest suffix of at most `maxChars` UTF-16 units that doesn't split a user-perceived character. */
export function keepLastChars(text: string, maxChars: number): string {
  if (text.length <= maxChars) return text
  return text.slice(boundaryNear(text, text.length - maxChars, "after"))
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" })
/** Longer characters (a letter with dozens of combining marks) are split. */
const MAX_GRAPHEME_UNITS = 48

/** Returns the character boundary at an offset, or the nearest one before or after it. */
function boundaryNear(text: string, at: number, side: "before" | "after"): number {
  const from = Math.max(0, at - MAX_GRAPHEME_UNITS)
  const window = text.slice(from, at + MAX_GRAPHEME_UNITS)
  if (/^[\u0020-\u007e\n]*$/.test(window)) return at
  let before = from
  for (const { index } of graphemes.segment(window)) {
    const boundary = from + index
    if (boundary >= at) return boundary === at || side === "after" ? boundary : pairBoundary(text, before, at)
    before = boundary
  }
  return side === "after" ? Math.min(text.length, from + window.length) : pairBoundary(text, before, at)
}

/** Returns the boundary unless it is far from the offset. Then the character is overlong, and is split at a code point. */
function pairBoundary(text: string, boundary: number, at: number): number {
  if (boundary > at - MAX_GRAPHEME_UNITS) return boundary
  return isPair(text, at - 1) ? at - 1 : at
}

function isPair(text: string, at: number): boolean {
  if (at < 0) return false
  const code = text.codePointAt(at)
  return code !== undefined && code > 0xffff
}

function unitBytes(code: number): number {
  return code < 0x80 ? 1 : code < 0x800 ? 2 : 3
}
