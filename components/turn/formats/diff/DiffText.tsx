"use client"

import { useMemo } from "react"
import { charsOfLines } from "@/components/turn/formats/cutText"
import { ShowMore } from "@/components/turn/formats/ShowMore"
import { useCut } from "@/components/turn/useCut"
import { cx } from "@/components/ui/cx"
import { showControls } from "@/components/ui/text/showControls"
import { type DiffLineKind, readDiff } from "./readDiff"

const LOOKS: Record<DiffLineKind, string> = {
  file: "font-medium text-ink pt-1",
  hunk: "text-ink-3",
  added: "bg-success/12 text-ink",
  removed: "bg-failure/12 text-ink",
  same: "text-ink-2",
  note: "text-ink-3",
}

/** Each line is a row of elements: this many are drawn within a frame or two. */
const FIRST_LINES = 400

/** A unified diff with the numbers of both sides. */
export function DiffText({ text }: { text: string }) {
  const first = useMemo(() => charsOfLines(text, FIRST_LINES), [text])
  const { shown, left, more } = useCut(text, first)
  const lines = useMemo(() => readDiff(shown), [shown])
  return (
    <>
      <div className="num">
        {lines.map((line, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no name but its place, and the text never changes
          <div key={place} className={cx("flex min-h-4", LOOKS[line.kind])}>
            <span aria-hidden="true" className="w-9 shrink-0 pr-2 text-right text-ink-3 select-none">
              {line.before}
            </span>
            <span aria-hidden="true" className="w-9 shrink-0 pr-2 text-right text-ink-3 select-none">
              {line.after}
            </span>
            <span className="min-w-0 flex-1 whitespace-pre-wrap wrap-anywhere">
              {showControls(line.text)}
            </span>
          </div>
        ))}
      </div>
      <ShowMore left={left} unit="characters" onMore={more} />
    </>
  )
}
