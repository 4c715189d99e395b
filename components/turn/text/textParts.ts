import { utf8Bytes } from "@/lib/protocol/bytes"
import { keepChars, keepLastChars } from "@/lib/trace/keepChars"

/** A part of a long text: a piece that is rendered separately, or a gap of bytes that aren't shown. */
export type TextPart =
  | {
      readonly kind: "text"
      readonly text: string
      /** The offset in the whole text. Undefined if unknown, in the tail of a string that was cut for the wire. */
      readonly from: number | undefined
      /** The piece starts or ends within a line of the whole text. */
      readonly startsMidLine: boolean
      readonly endsMidLine: boolean
    }
  | { readonly kind: "gap"; readonly bytes: number }

/** What was cut from a string for the wire. */
export type TextCut = { readonly bytes: number; readonly tail: string }

/** Strings up to this length are shown in full. */
const SHORT_CHARS = 32_768
const HEAD_CHARS = 16_384
const TAIL_CHARS = 4_096
/** Approximately how much of a long text is shown. */
export const SHOWN_CHARS = HEAD_CHARS + TAIL_CHARS
/** The size of a piece: small enough to render within a frame. */
const PIECE_CHARS = 16_384
/** Pieces of very short lines have fewer characters, because each line of a diff is an element. */
const PIECE_LINES = 2_000
/** A progress line that is longer than this is split. */
const MAX_LINE_CHARS = 262_144

/** Returns true if only a part of a string is shown until the viewer expands it. */
export function isLongText(text: string, cut: TextCut | undefined): boolean {
  return cut !== undefined || text.length > SHORT_CHARS
}

/** Splits a string into pieces. Unless `expanded`, a long or cut string has a gap between its head and its tail. */
export function textParts(text: string, cut: TextCut | undefined, expanded: boolean): TextPart[] {
  if (cut !== undefined) {
    const gapBytes = Math.max(0, cut.bytes - utf8Bytes(text) - utf8Bytes(cut.tail))
    return [
      ...pieces(text, 0, false, !text.endsWith("\n")),
      { kind: "gap", bytes: gapBytes },
      ...pieces(cut.tail, undefined, true, false),
    ]
  }
  if (expanded || text.length <= SHORT_CHARS) return pieces(text, 0, false, false)
  const head = headOf(text)
  const tail = tailOf(text)
  const gap = text.slice(head.length, text.length - tail.length)
  return [
    ...pieces(head, 0, false, !head.endsWith("\n")),
    { kind: "gap", bytes: utf8Bytes(gap) },
    ...pieces(tail, text.length - tail.length, !gap.endsWith("\n"), false),
  ]
}

function headOf(text: string): string {
  const newline = text.lastIndexOf("\n", HEAD_CHARS)
  return newline > HEAD_CHARS / 2 ? text.slice(0, newline + 1) : keepChars(text, HEAD_CHARS)
}

function tailOf(text: string): string {
  const tail = keepLastChars(text, TAIL_CHARS)
  const newline = tail.indexOf("\n")
  return newline >= 0 && newline < TAIL_CHARS / 2 ? tail.slice(newline + 1) : tail
}

function pieces(
  text: string,
  from: number | undefined,
  startsMidLine: boolean,
  endsMidLine: boolean,
): TextPart[] {
  const parts: TextPart[] = []
  let at = 0
  while (at < text.length) {
    const end = Math.min(pieceEnd(text, at), linesEnd(text, at))
    parts.push({
      kind: "text",
      text: text.slice(at, end),
      from: from === undefined ? undefined : from + at,
      startsMidLine: at === 0 ? startsMidLine : text[at - 1] !== "\n",
      endsMidLine: end === text.length ? endsMidLine : text[end - 1] !== "\n",
    })
    at = end
  }
  return parts
}

function pieceEnd(text: string, at: number): number {
  if (text.length - at <= PIECE_CHARS) return text.length
  // A piece preferably ends between paragraphs, because pieces of Markdown are rendered separately.
  const paragraph = text.lastIndexOf("\n\n", at + PIECE_CHARS - 1)
  if (paragraph > at + PIECE_CHARS / 2) return paragraph + 2
  const newline = text.lastIndexOf("\n", at + PIECE_CHARS)
  if (newline > at) return newline + 1
  // A progress line can be long and must be parsed as a whole, because the parts that are overwritten aren't shown.
  const next = text.indexOf("\n", at)
  const lineEnd = next === -1 ? text.length : next + 1
  const isProgress = text.slice(at, at + PIECE_CHARS).includes("\r")
  if (isProgress && lineEnd - at <= MAX_LINE_CHARS) return lineEnd
  return at + keepChars(text.slice(at, at + PIECE_CHARS + 1), PIECE_CHARS).length
}

/** Returns the offset after the largest number of lines of a piece. */
function linesEnd(text: string, from: number): number {
  let at = from
  for (let line = 0; line < PIECE_LINES; line++) {
    const newline = text.indexOf("\n", at)
    if (newline === -1) return text.length
    at = newline + 1
  }
  return at
}
