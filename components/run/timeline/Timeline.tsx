"use client"

import { useEffect, useState } from "react"
import type { RunTree } from "@/components/run/header/useRunTree"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { AxisLines } from "./axis/AxisLines"
import { AxisMoments } from "./axis/AxisMoments"
import type { AxisView } from "./axis/createAxisView"
import { useAxisGestures } from "./axis/useAxisGestures"
import type { RunAxis } from "./axis/useTimeAxis"
import { NewTurnsChip } from "./NewTurnsChip"
import { TimelineHead } from "./TimelineHead"
import { TimelineRows } from "./TimelineRows"
import { usePauseFollow } from "./usePauseFollow"

export type TimelineProps = { tree: RunTree; axis: RunAxis; view: AxisView }

/** A row per turn on one time axis. */
export function Timeline({ tree, axis, view }: TimelineProps) {
  const { runId } = useRunPageStore()
  // State, not a ref: the rows are drawn once their scroller is there, since they measure it as they mount.
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  useAxisGestures(view, scroller)
  usePauseFollow(scroller, tree.views.get(runId)?.cursor ?? 0)
  useSizes(view, scroller)
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={setScroller}
        className="h-full overflow-x-hidden overflow-y-auto overscroll-contain [overflow-anchor:none] [scrollbar-gutter:stable]"
      >
        <TimelineHead view={view} axis={axis} />
        <AxisLines view={view} axis={axis} />
        {scroller === null ? null : (
          <>
            <AxisMoments view={view} axis={axis} scroller={scroller} />
            <TimelineRows tree={tree} axis={axis.axis} axisView={view} scroller={scroller} />
          </>
        )}
      </div>
      <NewTurnsChip />
    </div>
  )
}

/** Tells the axis how wide it is, and the lines over the rows how high. */
function useSizes(view: AxisView, scroller: HTMLElement | null): void {
  useEffect(() => {
    if (scroller === null) return
    const lane = scroller.querySelector("[data-lane]")
    const observer = new ResizeObserver(() => {
      scroller.style.setProperty("--seen-height", `${scroller.clientHeight}px`)
      if (lane !== null) view.setWidth(lane.clientWidth)
    })
    observer.observe(scroller)
    if (lane !== null) observer.observe(lane)
    return () => observer.disconnect()
  }, [view, scroller])
}
