"use client"

import { type PointerEvent, type RefObject, useRef } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { fromAxis } from "@/lib/timeline/axis/timeAxis"
import type { MinimapScale } from "@/lib/timeline/minimap/minimapScale"
import { cursorAtTime, turnAt } from "@/lib/timeline/rows/turnAt"
import type { RunView } from "@/lib/trace/view/RunView"

/** A press that moves the pointer less than this is a click, not a drag. */
const DRAG_PX = 4

export type MinimapGesturesInput = {
  box: RefObject<HTMLElement | null>
  scale: () => MinimapScale
  run: RunView | undefined
}

type Drag = { startX: number; action: "zoom" | "replay"; hasMoved: boolean }

/**
 * Returns the minimap's pointer handlers: a click goes to a turn, a drag zooms to a time range, dragging the playhead
 * replays, a double click shows the whole run.
 */
export function useMinimapGestures({ box, scale, run }: MinimapGesturesInput) {
  const { page, runId } = useRunPageStore()
  const drag = useRef<Drag>(undefined)
  const positionAt = (clientX: number) => {
    const bounds = box.current?.getBoundingClientRect()
    if (bounds === undefined || bounds.width === 0) return 0
    const share = Math.min(1, Math.max(0, (clientX - bounds.left) / bounds.width))
    return share * scale().length
  }
  const cursorAt = (clientX: number) => {
    const current = scale()
    if (current.kind === "turns") return Math.round(positionAt(clientX))
    return run === undefined ? 0 : cursorAtTime(run, fromAxis(current.axis, positionAt(clientX)))
  }
  const indexAt = (clientX: number, { outlines, cursor }: RunView) => {
    const current = scale()
    if (current.kind === "turns") return Math.min(cursor - 1, Math.floor(positionAt(clientX)))
    return turnAt({ outlines, cursor }, fromAxis(current.axis, positionAt(clientX)))
  }

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return
    const isPlayhead = event.target instanceof Element && event.target.closest("[data-playhead]") !== null
    drag.current = { startX: event.clientX, action: isPlayhead ? "replay" : "zoom", hasMoved: false }
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const { current } = drag
    if (current === undefined) return
    if (Math.abs(event.clientX - current.startX) >= DRAG_PX) current.hasMoved = true
    if (!current.hasMoved) return
    if (current.action === "replay") return page.replay(cursorAt(event.clientX))
    const [from = 0, to = 0] = [positionAt(current.startX), positionAt(event.clientX)].sort((a, b) => a - b)
    if (to > from && scale().kind === "time") page.zoomTo({ from, to })
  }
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const { current } = drag
    drag.current = undefined
    if (current === undefined || run === undefined || run.cursor === 0) return
    if (current.action === "replay") {
      if (cursorAt(event.clientX) >= run.cursor) page.goLive()
      return
    }
    const x = current.hasMoved ? Math.min(current.startX, event.clientX) : event.clientX
    const index = indexAt(x, run)
    if (index === undefined) return
    if (current.hasMoved) page.scrollTo(index, run.cursor)
    else page.select({ runId, index }, run.cursor)
  }
  return { onPointerDown, onPointerMove, onPointerUp, onDoubleClick: () => page.zoomTo(undefined) }
}
