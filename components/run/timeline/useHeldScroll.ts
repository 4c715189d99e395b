"use client"

import { useEffect, useLayoutEffect, useRef } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { type RunRow, type RunRows, rowAt, rowNumberOf } from "@/lib/timeline/rows/runRows"
import { HEAD_PX } from "./TimelineHead"

export type HeldScrollInput = {
  scroller: HTMLElement
  rows: RunRows
  /** All rows, the ghost's included. */
  count: number
  rowPx: number
}

/**
 * Keeps the reader where they are. Following: at the end. Else the selected row, if it is in view, or the topmost one
 * stays at its pixel whatever comes in above it. Another selection, or the arrival of the selected turn, is brought into view.
 */
export function useHeldScroll({ scroller, rows, count, rowPx }: HeldScrollInput): void {
  const { reader, runId } = useRunPageStore()
  const following = useRunPageState((state) => state.following)
  const selected = useRunPageState((state) => state.selected)
  const openRuns = useRunPageState((state) => state.openRuns)
  const before = useRef({ rows, openRuns, rowPx })

  useLayoutEffect(() => {
    const last = before.current
    before.current = { rows, openRuns, rowPx }
    const box = scroller
    if (last.rows === rows || last.rowPx !== rowPx || reader.store.getState().following) return
    // What the reader has opened pushes down what is below it; what came by itself may not.
    const anchor = anchorOf(box, last.rows, rowPx, last.openRuns === openRuns ? selected : undefined)
    const now = anchor && rowNumberOf(rows, anchor.row)
    if (anchor !== undefined && now !== undefined && now !== anchor.place) {
      box.scrollTop += (now - anchor.place) * rowPx
    }
  })

  // biome-ignore lint/correctness/useExhaustiveDependencies: what moves the end is what makes it follow
  useLayoutEffect(() => {
    if (!following) return
    const toEnd = () => {
      scroller.scrollTop = scroller.scrollHeight
    }
    toEnd()
    const sizes = new ResizeObserver(toEnd)
    sizes.observe(scroller)
    // A scroll of PageUp's that was still gliding when following was resumed ends elsewhere.
    scroller.addEventListener("scrollend", toEnd)
    return () => {
      sizes.disconnect()
      scroller.removeEventListener("scrollend", toEnd)
    }
  }, [following, count, rowPx, scroller])

  // Another cursor to look back to, and each step of playing, shows its newest turn.
  const at = useRunPageState((state) => state.at)
  useLayoutEffect(() => {
    const { selected: chosen, speed } = reader.store.getState()
    if (at !== undefined && (chosen === undefined || speed !== undefined)) {
      scroller.scrollTop = scroller.scrollHeight
    }
  }, [reader, scroller, at])

  const goal = useRunPageState((state) => state.goal)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a goal is gone to once, whatever comes after
  useEffect(() => {
    const place = goal === undefined ? undefined : rowNumberOf(rows, { runId, index: goal.index })
    if (place !== undefined) revealRow(scroller, HEAD_PX + place * rowPx, rowPx)
  }, [goal])

  const place = selected === undefined ? undefined : rowNumberOf(rows, selected)
  const isThere = place !== undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another selection or its arrival may scroll, never a moved place
  useEffect(() => {
    if (place === undefined || reader.store.getState().following) return
    revealRow(scroller, HEAD_PX + place * rowPx, rowPx)
  }, [selected, isThere])
}

/** The row that must not move, and its place; undefined without rows. */
function anchorOf(
  box: HTMLElement,
  rows: RunRows,
  rowPx: number,
  selected: { runId: string; index: number } | undefined,
): { row: { runId: string; index: number }; place: number } | undefined {
  const first = Math.ceil(box.scrollTop / rowPx)
  const last = Math.floor((box.scrollTop + box.clientHeight - HEAD_PX) / rowPx) - 1
  const chosen = selected === undefined ? undefined : rowNumberOf(rows, selected)
  if (selected !== undefined && chosen !== undefined && chosen >= first && chosen <= last) {
    return { row: selected, place: chosen }
  }
  const top: RunRow | undefined = rowAt(rows, Math.min(first, rows.count - 1))
  return top === undefined ? undefined : { row: top, place: Math.min(first, rows.count - 1) }
}

/** Scrolls as little as is needed; a row far away lands in the middle. */
function revealRow(box: HTMLElement, top: number, rowPx: number): void {
  const from = box.scrollTop + HEAD_PX
  const to = box.scrollTop + box.clientHeight
  if (top >= from && top + rowPx <= to) return
  const isNear = top > from - 3 * rowPx && top < to + 2 * rowPx
  if (!isNear) box.scrollTop = top - box.clientHeight / 2
  else box.scrollTop = top < from ? top - HEAD_PX : top + rowPx - box.clientHeight
}
