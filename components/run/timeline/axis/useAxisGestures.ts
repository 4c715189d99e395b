"use client"

import { useEffect } from "react"
import type { RunPageStore } from "@/components/run/createRunPageStore"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { panBy, xToPosition, zoomAt } from "@/lib/timeline/axis/Viewport"
import type { AxisView } from "./createAxisView"

/** Wheel units to a factor: a notch of 100 is about a third nearer. */
const ZOOM_SPEED = 0.003

/** Zooms at the mouse with ctrl or cmd and the wheel (a touchpad's pinch is the same event) or two fingers, pans sideways, fits on a double click. */
export function useAxisGestures(view: AxisView, scroller: HTMLElement | null): void {
  const { reader } = useRunPageStore()
  useEffect(() => {
    const box = scroller
    if (box === null) return
    const stop = new AbortController()
    const laneBox = () => box.querySelector("[data-lane]")?.getBoundingClientRect()
    const onWheel = (event: WheelEvent) => {
      const zooms = event.ctrlKey || event.metaKey
      const sideways = event.shiftKey ? event.deltaY : event.deltaX
      const lane = laneBox()
      if (lane === undefined) return
      const { from, to, widthPx } = view.frame.getState()
      if (zooms) {
        event.preventDefault()
        const place = xToPosition({ from, to }, widthPx, event.clientX - lane.left)
        setWindow(
          reader,
          zoomAt({ from, to }, Math.exp(-event.deltaY * ZOOM_SPEED), place, view.whole()),
          view,
        )
      } else if (sideways !== 0 && reader.store.getState().zoom !== undefined) {
        event.preventDefault()
        setWindow(
          reader,
          panBy({ from, to }, (sideways / Math.max(1, widthPx)) * (to - from), view.whole()),
          view,
        )
      }
    }
    let apart: number | undefined
    const onTouch = (event: TouchEvent) => {
      const fingers = fingersOf(event)
      const lane = laneBox()
      if (fingers === undefined || lane === undefined) {
        apart = undefined
        return
      }
      // The page itself would be zoomed otherwise.
      event.preventDefault()
      const before = apart
      apart = fingers.apart
      if (before === undefined || event.type !== "touchmove") return
      const { from, to, widthPx } = view.frame.getState()
      const place = xToPosition({ from, to }, widthPx, fingers.middle - lane.left)
      setWindow(reader, zoomAt({ from, to }, apart / before, place, view.whole()), view)
    }
    for (const name of ["touchstart", "touchmove", "touchend", "touchcancel"] as const)
      box.addEventListener(name, onTouch, { passive: false, signal: stop.signal })
    box.addEventListener("wheel", onWheel, { passive: false, signal: stop.signal })
    box.addEventListener("dblclick", () => reader.zoomTo(undefined), { signal: stop.signal })
    return () => stop.abort()
  }, [view, scroller, reader])
}

/** Two fingers: how far apart (at least 1 px) and where between them, in CSS pixels; undefined for another number. */
function fingersOf({ touches }: TouchEvent): { apart: number; middle: number } | undefined {
  const [one, two] = touches
  if (one === undefined || two === undefined || touches.length !== 2) return undefined
  const apart = Math.max(1, Math.hypot(one.clientX - two.clientX, one.clientY - two.clientY))
  return { apart, middle: (one.clientX + two.clientX) / 2 }
}

function setWindow(reader: RunPageStore, next: { from: number; to: number }, view: AxisView): void {
  const whole = view.whole()
  reader.zoomTo(next.from <= whole.from && next.to >= whole.to ? undefined : next)
}

/** Zooms by a factor (above 1: nearer) around the middle of what is seen. */
export function zoomIn(view: AxisView, reader: RunPageStore, factor: number): void {
  const { from, to } = view.frame.getState()
  setWindow(reader, zoomAt({ from, to }, factor, (from + to) / 2, view.whole()), view)
}
