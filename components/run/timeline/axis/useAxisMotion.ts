"use client"

import { useEffect } from "react"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { useLive } from "@/lib/live/LiveProvider"
import { toAxis } from "@/lib/timeline/axis/timeAxis"
import type { AxisView } from "./createAxisView"
import type { RunAxis } from "./useTimeAxis"

/** Keeps the axis view in step with the run's end, the reader's zoom and, while the run is live, with now. */
export function useAxisMotion(view: AxisView, axis: RunAxis): void {
  const { reader } = useRunPageStore()
  const live = useLive()
  useEffect(() => view.setEnd(axis.end), [view, axis.end])
  useEffect(() => {
    view.setZoom(reader.store.getState().zoom)
    return reader.store.subscribe((state, before) => {
      if (state.zoom !== before.zoom) view.setZoom(state.zoom)
    })
  }, [view, reader])
  useEffect(() => {
    if (!axis.end.live) {
      view.setNow(undefined)
      return
    }
    // A frame asks for the next one only while the page is seen: hidden tabs get none.
    let frame = 0
    const move = () => {
      view.setNow(toAxis(axis.axis, live.serverNow()))
      frame = requestAnimationFrame(move)
    }
    move()
    return () => cancelAnimationFrame(frame)
  }, [view, live, axis.axis, axis.end.live])
}
