"use client"

import { type RefObject, useLayoutEffect, useRef } from "react"
import { rowOfLine } from "@/lib/timeline/compare/foldEqual"
import { anchoredTop, type RowLayout, rowAtTop } from "./layRows"

const EDGE_PX = 4

/**
 * Keeps the scroll position stable when lines are added. A list that is scrolled to its end stays there. Otherwise, the
 * selected row, or the topmost row if the selected one is out of view, keeps its screen position. Scrolls a new
 * selection into view.
 */
export function useHeldRows(
  scroller: RefObject<HTMLElement | null>,
  layout: RowLayout,
  selected: number,
): void {
  const before = useRef(layout)
  const atEnd = useRef(false)
  useLayoutEffect(() => {
    const box = scroller.current
    if (box === null) return
    const onScroll = () => {
      atEnd.current = box.scrollTop > 0 && box.scrollHeight - box.scrollTop - box.clientHeight <= EDGE_PX
    }
    box.addEventListener("scroll", onScroll, { passive: true })
    return () => box.removeEventListener("scroll", onScroll)
  }, [scroller])
  useLayoutEffect(() => {
    const [box, last] = [scroller.current, before.current]
    before.current = layout
    if (box === null || last === layout) return
    if (atEnd.current && selected < 0) {
      box.scrollTop = box.scrollHeight
      return
    }
    const held = anchoredTop(last, layout, anchorOf(box, last, layout, selected), box.scrollTop)
    if (held !== box.scrollTop) box.scrollTop = held
  }, [scroller, layout, selected])

  const latest = useRef(layout)
  useLayoutEffect(() => {
    latest.current = layout
  })
  const hasSelection = selected >= 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection scrolls, not a moved line
  useLayoutEffect(() => {
    const box = scroller.current
    if (box !== null && hasSelection) reveal(box, latest.current, selected)
  }, [scroller, hasSelection, keyOf(layout, selected)])
}

/** Identifies the selected line independently of its position. */
function keyOf({ lines }: RowLayout, place: number): string {
  const line = lines[place]
  return line === undefined ? "" : line.a === undefined ? `b${line.b}` : `a${line.a}`
}

function anchorOf(box: HTMLElement, last: RowLayout, now: RowLayout, selected: number): number {
  const line = now.lines[selected]
  const chosen =
    line === undefined
      ? -1
      : last.lines.findIndex((it) => (line.a === undefined ? it.b === line.b : it.a === line.a))
  const row = chosen < 0 ? -1 : rowOfLine(last.rows, chosen)
  const [top, bottom] = [last.tops[row] ?? -1, last.tops[row + 1] ?? -1]
  const isVisible = row >= 0 && bottom > box.scrollTop && top < box.scrollTop + box.clientHeight
  return isVisible ? row : rowAtTop(last, box.scrollTop)
}

/** Scrolls as little as possible. A distant row is centered. */
function reveal(box: HTMLElement, layout: RowLayout, place: number): void {
  const row = rowOfLine(layout.rows, place)
  const [top, bottom] = [layout.tops[row] ?? 0, layout.tops[row + 1] ?? 0]
  const [from, to] = [box.scrollTop, box.scrollTop + box.clientHeight]
  if (top >= from && bottom <= to) return
  const near = (bottom - top) * 3
  if (top < from - near || bottom > to + near) box.scrollTop = top - box.clientHeight / 2
  else box.scrollTop = top < from ? top : bottom - box.clientHeight
}
