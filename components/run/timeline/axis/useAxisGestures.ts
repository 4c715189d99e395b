"use client"

import { useEffect } from "react"
import type { RunPageStore } from "@/components/run/createRunPageStore"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { panBy, xToPosition, zoomAt } from "@/lib/timeline/axis/Viewport"
import type { AxisView } from "./createAxisView"

/** Converts wheel units to a zoom factor: a notch of 100 units zooms in by about a third. */
const ZOOM_SPEED = 0.003

/** Handles gestures: Ctrl/Cmd+wheel or a pinch zooms, horizontal scrolling pans, and a double click resets the zoom. */
export function useAxisGestures(view: AxisView, scroller: HTMLElement | null): void {
  const { page } = useRunPageStore()
  useEffect(() => {
    if (scroller === null) return
    const stop = new AbortController()
    const laneBounds = () => scroller.querySelector("[data-lane]")?.getBoundingClientRect()
    const onWheel = (event: WheelEvent) => {
      const isZoom = event.ctrlKey || event.metaKey
      const deltaX = event.shiftKey ? event.deltaY : event.deltaX
      const lane = laneBounds()
      if (lane === undefined) return
      const { from, to, widthPx } = view.frame.getState()
      if (isZoom) {
        event.preventDefault()
        const position = xToPosition({ from, to }, widthPx, event.clientX - lane.left)
        setViewport(
          page,
          zoomAt({ from, to }, Math.exp(-event.deltaY * ZOOM_SPEED), position, view.fullRange()),
          view,
        )
      } else if (deltaX !== 0 && page.store.getState().zoom !== undefined) {
        event.preventDefault()
        setViewport(
          page,
          panBy({ from, to }, (deltaX / Math.max(1, widthPx)) * (to - from), view.fullRange()),
          view,
        )
      }
    }
    let distance: number | undefined
    const onTouch = (event: TouchEvent) => {
      const fingers = fingersOf(event)
      const lane = laneBounds()
      if (fingers === undefined || lane === undefined) {
        distance = undefined
        return
      }
      // Prevents the browser from zooming the page.
      event.preventDefault()
      const before = distance
      distance = fingers.distance
      if (before === undefined || event.type !== "touchmove") return
      const { from, to, widthPx } = view.frame.getState()
      const position = xToPosition({ from, to }, widthPx, fingers.center - lane.left)
      setViewport(page, zoomAt({ from, to }, distance / before, position, view.fullRange()), view)
    }
    for (const name of ["touchstart", "touchmove", "touchend", "touchcancel"] as const)
      scroller.addEventListener(name, onTouch, { passive: false, signal: stop.signal })
    scroller.addEventListener("wheel", onWheel, { passive: false, signal: stop.signal })
    scroller.addEventListener("dblclick", () => page.zoomTo(undefined), { signal: stop.signal })
    return () => stop.abort()
  }, [view, scroller, page])
}

/** Returns the distance (at least 1 px) and the center of two fingers; undefined for any other number of fingers. */
function fingersOf({ touches }: TouchEvent): { distance: number; center: number } | undefined {
  const [one, two] = touches
  if (one === undefined || two === undefined || touches.length !== 2) return undefined
  const distance = Math.max(1, Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY))
  return { distance, center: (one.clientX + two.clientX) / 2 }
}

function setViewport(page: RunPageStore, next: { from: number; to: number }, view: AxisView): void {
  const all = view.fullRange()
  page.zoomTo(next.from <= all.from && next.to >= all.to ? undefined : next)
}

/** Zooms by a factor (above 1: in) around the center of the visible range. */
export function zoomIn(view: AxisView, page: RunPageStore, factor: number): void {
  const { from, to } = view.frame.getState()
  setViewport(page, zoomAt({ from, to }, factor, (from + to) / 2, view.fullRange()), view)
}
