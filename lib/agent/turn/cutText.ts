import { fitsBytes, utf8Bytes } from "@/lib/protocol/bytes"

/** Cuts text to at most `maxBytes` UTF-8 bytes at a character boundary, and appends an ellipsis if anything was cut. */
export function cutText(text: string, maxBytes: number): string {
  if (fitsBytes(text, maxBytes)) return text
  let low = 0
  let high = Math.min(text.length, maxBytes)
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (utf8Bytes(text.slice(0, middle)) <= maxBytes - 3) low = middle
    else high = middle - 1
  }
  const splitsPair = low > 0 && /[\uD800-\uDBFF]/.test(text.charAt(low - 1))
  return `${text.slice(0, splitsPair ? low - 1 : low)}…`
}

/** Returns the last `maxBytes` UTF-8 bytes of text, starting at a character boundary. */
export function keepNewest(text: string, maxBytes: number): string {
  if (fitsBytes(text, maxBytes)) return text
  let from = Math.max(0, text.length - maxBytes)
  while (utf8Bytes(text.slice(from)) > maxBytes)
    from += Math.max(1, (utf8Bytes(text.slice(from)) - maxBytes) >> 2)
  if (/[\uDC00-\uDFFF]/.test(text.charAt(from))) from++
  return text.slice(from)
}
