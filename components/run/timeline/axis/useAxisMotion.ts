"use client"

import { useEffect } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { useLive } from "@/lib/live/LiveProvider"
import { toAxis } from "@/lib/timeline/axis/timeAxis"
import type { AxisView } from "./createAxisView"
import type { RunAxis } from "./useTimeAxis"

/** Keeps the axis view in sync with the run's end, the zoom and, while the run is live, the current time. */
export function useAxisMotion(view: AxisView, axis: RunAxis): void {
  const { page } = useRunPageStore()
  const live = useLive()
  useEffect(() => view.setEnd(axis.end), [view, axis.end])
  useEffect(() => {
    view.setZoom(page.store.getState().zoom)
    return page.store.subscribe((state, previous) => {
      if (state.zoom !== previous.zoom) view.setZoom(state.zoom)
    })
  }, [view, page])
  useEffect(() => {
    if (!axis.end.isLive) {
      view.setNow(undefined)
      return
    }
    // Browsers pause animation frames in hidden tabs, so the axis moves only while it is visible.
    let frame = 0
    const move = () => {
      view.setNow(toAxis(axis.axis, live.serverNow()))
      frame = requestAnimationFrame(move)
    }
    move()
    return () => cancelAnimationFrame(frame)
  }, [view, live, axis.axis, axis.end.isLive])
}
