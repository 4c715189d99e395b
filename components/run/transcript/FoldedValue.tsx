"use client"

import { type RefObject, useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import { strings } from "@/components/run/strings"
import { FormattedValue } from "@/components/turn/formats/FormattedValue"
import { strings as turnStrings } from "@/components/turn/strings"
import { type ValueSource, ValueSourceProvider } from "@/components/turn/text/ValueSource"
import { cutsOf } from "@/components/turn/turnCuts"
import { useAutoLoad } from "@/components/turn/useAutoLoad"
import type { FullTurn } from "@/components/turn/useFullTurn"
import { scrollToEnd, TextButton } from "@/components/turn/ValueSection"
import { cx } from "@/components/ui/cx"
import type { RunTurn } from "@/lib/protocol/turn"
import { sizeText } from "@/lib/trace/formatNumber"
import type { EntryValue } from "./TranscriptEntry"

const TEXT = strings.transcript
const LINE_PX = 16
/** Room for 12 lines. */
const RESULT_PX = 200

/** A folded value with an image is taller than other folded values, so that the image isn't cut off. */
const PICTURE_FOLD = "has-[img]:max-h-[480px]! [&_img]:max-h-[400px]"

export type FoldedValueProps = {
  turn: RunTurn
  entry: EntryValue
  full: FullTurn
  /** A taller value is folded to this height; undefined: never. */
  foldedPx?: number | undefined
}

/** A value in the transcript: in its default format, folded if it is long. */
export function FoldedValue(props: FoldedValueProps) {
  const { turn, entry, full } = props
  const foldedPx = "foldedPx" in props ? props.foldedPx : RESULT_PX
  const foldable = foldedPx !== undefined
  const maxLines = Math.floor((foldedPx ?? RESULT_PX) / LINE_PX)
  const { value, hint, pointer, field } = entry
  const box = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const [expanded, setExpanded] = useState(false)
  const cuts = useMemo(() => cutsOf(turn, field), [turn, field])
  const lines = useMemo(() => (typeof value === "string" ? countLines(value) : undefined), [value])
  const { isOverflowing, isTall } = useOverflow(box, value)
  const isFolded =
    foldable && !open && (lines === undefined ? isOverflowing : lines > maxLines || isOverflowing)
  const { load: loadFull } = full
  const load = useCallback(() => void loadFull(), [loadFull])
  const source: ValueSource = {
    cutAt: (at) => (at === undefined ? undefined : cuts.get(at)),
    expanded,
    isAsked: expanded,
    expand() {
      setOpen(true)
      setExpanded(true)
      if (cuts.size > 0) void full.load()
    },
    load,
    hit: undefined,
  }
  useAutoLoad(box, value, cuts, source.load)
  const bytes = [...cuts.values()].reduce((sum, cut) => sum + cut.bytes, 0)
  return (
    <div className="min-w-0">
      <div
        ref={box}
        className={cx(
          isFolded && "overflow-hidden [mask-image:linear-gradient(#000_75%,transparent)]",
          foldable && !open && PICTURE_FOLD,
        )}
        style={foldable && !open ? { maxHeight: foldedPx } : undefined}
      >
        <ValueSourceProvider source={source}>
          <FormattedValue value={value} hint={hint} pointer={pointer} />
        </ValueSourceProvider>
      </div>
      {isFolded || open ? (
        <p className="num flex flex-wrap gap-x-3">
          <TextButton onClick={() => setOpen(!open)}>
            {open ? TEXT.showLess : showMoreText(lines === undefined ? 0 : lines - maxLines, bytes)}
          </TextButton>
          {cuts.size > 0 && !expanded ? (
            <TextButton onClick={source.expand}>{turnStrings.value.showAll}</TextButton>
          ) : null}
          {isTall || cuts.size > 0 || (lines !== undefined && lines > maxLines * TALL) ? (
            <TextButton
              onClick={() => {
                setOpen(true)
                scrollToEnd(box.current)
              }}
            >
              {turnStrings.value.toEnd}
            </TextButton>
          ) : null}
        </p>
      ) : null}
    </div>
  )
}

function showMoreText(hiddenLines: number, bytes: number): string {
  if (bytes > 0) return TEXT.showMoreOf(sizeText(bytes))
  return hiddenLines > 0 ? TEXT.showMore(hiddenLines) : TEXT.showAll
}

/** The end of content that is this many times taller than its folded box is too far away to scroll to. */
const TALL = 4

/** Returns whether the content is taller than its folded box, and whether it is much taller. */
function useOverflow(box: RefObject<HTMLDivElement | null>, value: unknown) {
  const [isOverflowing, setOverflowing] = useState(false)
  const [isTall, setTall] = useState(false)
  const measure = useRef(() => {
    const { current } = box
    if (current === null || current.style.maxHeight === "") return
    setOverflowing(current.scrollHeight > current.clientHeight + 2)
    setTall(current.scrollHeight > current.clientHeight * TALL)
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: measures again when the value changes
  useLayoutEffect(() => measure.current(), [value])
  useEffect(() => {
    // Images, Markdown and pieces of text grow when they are loaded.
    const inner = box.current?.firstElementChild
    if (!inner) return
    const observer = new ResizeObserver(() => measure.current())
    observer.observe(inner)
    return () => observer.disconnect()
  }, [box])
  return { isOverflowing, isTall }
}

function countLines(text: string): number {
  let lines = 1
  for (let at = text.indexOf("\n"); at !== -1 && at < text.length - 1; at = text.indexOf("\n", at + 1))
    lines++
  return lines
}
