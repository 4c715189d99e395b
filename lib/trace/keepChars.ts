import { isSurrogatePair } from "@/lib/protocol/bytes"

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
  return isSurrogatePair(text, at - 1) ? at - 1 : at
}
