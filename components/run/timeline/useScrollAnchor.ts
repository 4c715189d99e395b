"use client"

import { useEffect, useLayoutEffect, useRef } from "react"
import { replayCursor, type TurnRef } from "@/components/run/createRunPageStore"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { rowAt, rowNumberOf, type TurnRows } from "@/lib/timeline/rows/turnRows"
import { HEAD_PX } from "./TimelineHead"

export type ScrollAnchorInput = {
  scroller: HTMLElement
  rows: TurnRows
  /** The number of rows, including that of the pending turn. */
  count: number
  rowPx: number
}

/**
 * Keeps the scroll position stable. While the page follows the run, the end stays in view. Otherwise, the selected row,
 * or the topmost row if the selected one is out of view, stays at the same screen position, whatever is inserted above
 * it. Scrolls to a turn when it is selected, or when the selected turn arrives.
 */
export function useScrollAnchor({ scroller, rows, count, rowPx }: ScrollAnchorInput): void {
  useAnchor({ scroller, rows, count, rowPx })
  useFollowEnd({ scroller, rows, count, rowPx })
  useScrollToReplay(scroller)
  useScrollToTarget(scroller, rows, rowPx)
  useScrollToSelection(scroller, rows, rowPx)
  const sort = useRunPageState((state) => state.sort)
  useEffect(() => {
    if (sort !== undefined) scroller.scrollTop = 0
  }, [scroller, sort])
}

function useAnchor({ scroller, rows, rowPx }: ScrollAnchorInput): void {
  const { page } = useRunPageStore()
  const selected = useRunPageState((state) => state.selected)
  const expandedRuns = useRunPageState((state) => state.expandedRuns)
  const expandedRepeats = useRunPageState((state) => state.expandedRepeats)
  const previous = useRef({ rows, expandedRuns, expandedRepeats, rowPx })
  useLayoutEffect(() => {
    const last = previous.current
    previous.current = { rows, expandedRuns, expandedRepeats, rowPx }
    if (last.rows === rows || last.rowPx !== rowPx || page.store.getState().mode.kind === "live") return
    // Rows that the viewer expands may move the rows below them; new data must not.
    const isExpansion = last.expandedRuns !== expandedRuns || last.expandedRepeats !== expandedRepeats
    const anchor = anchorOf(scroller, last.rows, rowPx, isExpansion ? undefined : selected)
    const number = anchor && rowNumberOf(rows, anchor.turn)
    if (anchor !== undefined && number !== undefined && number !== anchor.number)
      scroller.scrollTop += (number - anchor.number) * rowPx
  })
}

function useFollowEnd({ scroller, count, rowPx }: ScrollAnchorInput): void {
  const isLive = useRunPageState(({ mode }) => mode.kind === "live")
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls whenever the end moves
  useLayoutEffect(() => {
    if (!isLive) return
    const toEnd = () => {
      scroller.scrollTop = scroller.scrollHeight
    }
    toEnd()
    const sizes = new ResizeObserver(toEnd)
    sizes.observe(scroller)
    // A smooth scroll that was still running when following resumed may end elsewhere.
    scroller.addEventListener("scrollend", toEnd)
    return () => {
      sizes.disconnect()
      scroller.removeEventListener("scrollend", toEnd)
    }
  }, [isLive, count, rowPx, scroller])
}

/** Scrolls to the newest turn of a replay when its cursor changes, including while it plays. */
function useScrollToReplay(scroller: HTMLElement): void {
  const { page } = useRunPageStore()
  const at = useRunPageState(replayCursor)
  useLayoutEffect(() => {
    const { selected, mode } = page.store.getState()
    const isPlaying = mode.kind === "replaying" && mode.speed !== undefined
    if (at !== undefined && (selected === undefined || isPlaying)) scroller.scrollTop = scroller.scrollHeight
  }, [page, scroller, at])
}

function useScrollToTarget(scroller: HTMLElement, rows: TurnRows, rowPx: number): void {
  const { runId } = useRunPageStore()
  const target = useRunPageState((state) => state.scrollTarget)
  // biome-ignore lint/correctness/useExhaustiveDependencies: scrolls once per target
  useEffect(() => {
    const number = target === undefined ? undefined : rowNumberOf(rows, { runId, index: target.index })
    if (number !== undefined) revealRow(scroller, HEAD_PX + number * rowPx, rowPx)
  }, [target])
}

function useScrollToSelection(scroller: HTMLElement, rows: TurnRows, rowPx: number): void {
  const { page } = useRunPageStore()
  const selected = useRunPageState((state) => state.selected)
  const number = selected === undefined ? undefined : rowNumberOf(rows, selected)
  const isShown = number !== undefined
  // biome-ignore lint/correctness/useExhaustiveDependencies: only another selection or its arrival scrolls, not a moved row
  useEffect(() => {
    if (number === undefined || page.store.getState().mode.kind === "live") return
    revealRow(scroller, HEAD_PX + number * rowPx, rowPx)
  }, [selected, isShown])
}

/** Returns the turn that must not move, and its row number; undefined without rows. */
function anchorOf(
  scroller: HTMLElement,
  rows: TurnRows,
  rowPx: number,
  selected: TurnRef | undefined,
): { turn: TurnRef; number: number } | undefined {
  const first = Math.ceil(scroller.scrollTop / rowPx)
  const last = Math.floor((scroller.scrollTop + scroller.clientHeight - HEAD_PX) / rowPx) - 1
  const chosen = selected === undefined ? undefined : rowNumberOf(rows, selected)
  if (selected !== undefined && chosen !== undefined && chosen >= first && chosen <= last)
    return { turn: selected, number: chosen }
  const number = Math.min(first, rows.count - 1)
  const top = rowAt(rows, number)
  return top === undefined ? undefined : { turn: top, number }
}

/** Scrolls as little as necessary. A distant row is centered. */
function revealRow(scroller: HTMLElement, top: number, rowPx: number): void {
  const from = scroller.scrollTop + HEAD_PX
  const to = scroller.scrollTop + scroller.clientHeight
  if (top >= from && top + rowPx <= to) return
  const isNear = top > from - 3 * rowPx && top < to + 2 * rowPx
  if (!isNear) scroller.scrollTop = top - scroller.clientHeight / 2
  else scroller.scrollTop = top < from ? top - HEAD_PX : top + rowPx - scroller.clientHeight
}
