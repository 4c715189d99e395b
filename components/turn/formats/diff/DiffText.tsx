"use client"

import { useMemo } from "react"
import { LongText } from "@/components/turn/text/LongText"
import { Marked } from "@/components/turn/text/Marked"
import { cx } from "@/components/ui/cx"
import { showControls } from "@/components/ui/text/showControls"
import { type DiffLine, type DiffLineKind, readDiff, readDiffTail, readUnnumberedDiff } from "./readDiff"

const CLASSES: Record<DiffLineKind, string> = {
  file: "font-medium text-ink pt-1",
  hunk: "text-ink-3",
  added: "bg-success/12 text-ink",
  removed: "bg-failure/12 text-ink",
  same: "text-ink-2",
  note: "text-ink-3",
}

export type DiffTextProps = {
  text: string
  pointer: string | undefined
  /** True if the diff's line numbers are unknown. */
  isUnnumbered?: boolean
}

/** A unified diff with the line numbers of both sides. */
export function DiffText({ text, pointer, isUnnumbered = false }: DiffTextProps) {
  // The whole text is parsed once, when a piece after the first one needs it, because the type of a line depends on the
  // lines before it.
  const allLines = useMemo(() => lazy(() => readDiff(text)), [text])
  return (
    <div className="num" dir="ltr">
      <LongText text={text} pointer={pointer}>
        {({ text: piece, from }) => {
          if (isUnnumbered) return <DiffLines lines={readUnnumberedDiff(piece)} isUnnumbered />
          if (from === undefined) return <DiffLines lines={readDiffTail(piece)} />
          if (from === 0) return <DiffLines lines={readDiff(piece)} />
          const first = countLines(text.slice(0, from))
          return <DiffLines lines={allLines().slice(first, first + countLines(piece))} />
        }}
      </LongText>
    </div>
  )
}

function lazy<T>(create: () => T): () => T {
  let value: { current: T } | undefined
  return () => {
    value ??= { current: create() }
    return value.current
  }
}

type DiffLinesProps = { lines: readonly DiffLine[]; isUnnumbered?: boolean }

function DiffLines({ lines, isUnnumbered = false }: DiffLinesProps) {
  return lines.map((line, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines are identified by their order; the text never changes
    <div key={at} className={cx("flex min-h-4", CLASSES[line.kind])}>
      {isUnnumbered ? null : <LineNumber number={line.before} />}
      {isUnnumbered ? null : <LineNumber number={line.after} />}
      <span className="min-w-0 flex-1 whitespace-pre-wrap wrap-anywhere [unicode-bidi:plaintext]">
        <Marked text={isUnnumbered ? unnumberedText(line) : showControls(line.text)} />
      </span>
    </div>
  ))
}

/** Returns a line of an unnumbered diff. In a hunk's header, an ellipsis replaces the leading `@@`. */
function unnumberedText({ kind, text }: DiffLine): string {
  return showControls(kind === "hunk" ? text.replace(/^@@/, "⋯") : text)
}

function LineNumber({ number }: { number: number | undefined }) {
  return (
    <span aria-hidden="true" className="w-9 shrink-0 pr-2 text-right text-ink-3 select-none">
      {number}
    </span>
  )
}

function countLines(text: string): number {
  const lines = text.split("\n").length
  return text.endsWith("\n") ? lines - 1 : lines
}
