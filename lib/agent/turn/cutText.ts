import { fitsBytes, keepStart } from "@/lib/protocol/bytes"

const ELLIPSIS = "…"
const ELLIPSIS_BYTES = 3

/** Cuts text to at most `maxBytes` UTF-8 bytes at a character boundary, and appends an ellipsis if anything was cut. */
export function cutText(text: string, maxBytes: number): string {
  return fitsBytes(text, maxBytes) ? text : keepStart(text, maxBytes - ELLIPSIS_BYTES) + ELLIPSIS
}
