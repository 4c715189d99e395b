"use client"

import { type ReactNode, useMemo, useRef } from "react"
import { strings } from "@/components/turn/strings"
import { sizeText } from "@/lib/trace/formatNumber"
import { hitOffset } from "./hitOffset"
import { useSearchTerms } from "./Marked"
import { isLongText, type TextPart, textParts } from "./textParts"
import { useSeen } from "./useSeen"
import { useValueSource } from "./ValueSource"

type TextPiece = TextPart & { kind: "text" }

export type LongTextProps = {
  text: string
  /** The string's JSON pointer in the turn. Undefined for text that isn't a string of the turn. */
  pointer: string | undefined
  children: (piece: TextPiece) => ReactNode
}

/** The first pieces are rendered immediately, the others when they come into view. */
const EAGER_PIECES = 2
const LINE_PX = 16

/** Text of any length, rendered in pieces. A long text shows head and tail until it is expanded. */
export function LongText({ text, pointer, children }: LongTextProps) {
  const { cutAt, expanded, expand, hit } = useValueSource()
  const terms = useSearchTerms()
  const cut = cutAt(pointer)
  const match = useMemo(
    () => (hit !== undefined && isLongText(text, undefined) ? hitOffset(text, hit, terms) : undefined),
    [hit, text, terms],
  )
  const parts = useMemo(() => {
    const shown = textParts(text, cut, expanded)
    const isHidden = match !== undefined && !shown.some((part) => contains(part, match))
    return isHidden ? textParts(text, cut, true) : shown
  }, [text, cut, expanded, match])
  return parts.map((part, at) =>
    part.kind === "gap" ? (
      <button
        key={part.kind}
        type="button"
        onClick={expand}
        className="num my-1 flex w-full items-center gap-2 rounded-small text-ink-3 before:h-px before:flex-1 before:bg-line-strong after:h-px after:flex-1 after:bg-line-strong hover:text-accent"
      >
        {strings.value.gap(sizeText(part.bytes))}
      </button>
    ) : (
      <Piece
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces are identified by their order; the text never changes
        key={at}
        piece={part}
        isEager={at < EAGER_PIECES || isAfterGap(parts, at) || (match !== undefined && contains(part, match))}
        draw={children}
      />
    ),
  )
}

function contains(part: TextPart, offset: number): boolean {
  if (part.kind === "gap" || part.from === undefined) return false
  return offset >= part.from && offset < part.from + part.text.length
}

function isAfterGap(parts: readonly TextPart[], at: number): boolean {
  return parts[at - 1]?.kind === "gap"
}

type PieceProps = { piece: TextPiece; isEager: boolean; draw: (piece: TextPiece) => ReactNode }

function Piece({ piece, isEager, draw }: PieceProps) {
  const box = useRef<HTMLDivElement>(null)
  const seen = useSeen(box, isEager)
  if (seen || isEager) return draw(piece)
  const lines = piece.text.split("\n").length
  return <div ref={box} style={{ height: lines * LINE_PX }} />
}
