"use client"

import { type PointerEvent, type RefObject, useRef } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { AxisView } from "@/components/run/timeline/axis/createAxisView"
import { fromAxis, type TimeAxis } from "@/lib/timeline/axis/timeAxis"
import { cursorAtTime, turnAt } from "@/lib/timeline/rows/turnAt"
import type { RunView } from "@/lib/trace/view/RunView"

const DRAG_PX = 4

export type MinimapGesturesInput = {
  box: RefObject<HTMLElement | null>
  view: AxisView
  axis: TimeAxis
  run: RunView | undefined
}

type Drag = { startX: number; what: "zoom" | "rewind"; moved: boolean }

/** A click goes to the turn of that time, a drag zooms to what it covers, a drag of the playhead rewinds. */
export function useMinimapGestures({ box, view, axis, run }: MinimapGesturesInput) {
  const { reader, runId } = useRunPageStore()
  const drag = useRef<Drag>(undefined)
  const placeAt = (clientX: number) => {
    const bounds = box.current?.getBoundingClientRect()
    if (bounds === undefined || bounds.width === 0) return 0
    const share = Math.min(1, Math.max(0, (clientX - bounds.left) / bounds.width))
    return share * view.frame.getState().wholeTo
  }
  const timeAt = (clientX: number) => fromAxis(axis, placeAt(clientX))
  const cursorOf = (clientX: number) => (run === undefined ? 0 : cursorAtTime(run, timeAt(clientX)))

  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    if (event.button !== 0) return
    const onHead = event.target instanceof Element && event.target.closest("[data-playhead]") !== null
    drag.current = { startX: event.clientX, what: onHead ? "rewind" : "zoom", moved: false }
    event.currentTarget.setPointerCapture(event.pointerId)
  }
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    const { current } = drag
    if (current === undefined) return
    if (Math.abs(event.clientX - current.startX) >= DRAG_PX) current.moved = true
    if (!current.moved) return
    if (current.what === "rewind") return reader.rewind(cursorOf(event.clientX))
    const places = [placeAt(current.startX), placeAt(event.clientX)].sort((a, b) => a - b)
    const [from = 0, to = 0] = places
    if (to > from) reader.zoomTo({ from, to })
  }
  const onPointerUp = (event: PointerEvent<HTMLElement>) => {
    const { current } = drag
    drag.current = undefined
    if (current === undefined || run === undefined || run.cursor === 0) return
    if (current.what === "rewind" && cursorOf(event.clientX) >= run.cursor) return reader.goLive()
    if (current.what === "rewind") return
    const index = turnAt(run, timeAt(current.moved ? Math.min(current.startX, event.clientX) : event.clientX))
    if (index === undefined) return
    if (current.moved) reader.goTo(index, run.cursor)
    else reader.select({ runId, index }, run.cursor)
  }
  return { onPointerDown, onPointerMove, onPointerUp, onDoubleClick: () => reader.zoomTo(undefined) }
}
