"use client"

import { useCallback, useEffect, useRef } from "react"
import { AxisLines } from "./AxisLines"
import type { AxisView } from "./axisView"
import { NewTurnsChip } from "./NewTurnsChip"
import { useReader } from "./ReaderProvider"
import { TimelineHead } from "./TimelineHead"
import { TimelineRows } from "./TimelineRows"
import { useAxisGestures } from "./useAxisGestures"
import { usePauseFollow } from "./usePauseFollow"
import type { RunTree } from "./useRunTree"
import type { RunAxis } from "./useTimeAxis"

export type TimelineProps = { tree: RunTree; axis: RunAxis; view: AxisView }

/** A row per turn on one time axis. */
export function Timeline({ tree, axis, view }: TimelineProps) {
  const { runId } = useReader()
  const scroller = useRef<HTMLDivElement>(null)
  const followCursor = tree.views.get(runId)?.cursor ?? 0
  useAxisGestures(view, scroller)
  usePauseFollow(scroller, followCursor)
  const bind = useCallback((element: HTMLDivElement | null) => view.bind(element), [view])
  useEffect(() => {
    const { current } = scroller
    if (current === null) return
    const observer = new ResizeObserver(() => {
      current.style.setProperty("--seen-height", `${current.clientHeight}px`)
      const lane = current.querySelector("[data-lane]")
      if (lane !== null) view.setWidth(lane.clientWidth)
    })
    observer.observe(current)
    const lane = current.querySelector("[data-lane]")
    if (lane !== null) observer.observe(lane)
    return () => observer.disconnect()
  }, [view])
  return (
    <div ref={bind} className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        className="h-full overflow-x-hidden overflow-y-auto overscroll-contain [overflow-anchor:none] [scrollbar-gutter:stable]"
      >
        <TimelineHead view={view} axis={axis} />
        <AxisLines view={view} axis={axis} scroller={scroller} />
        <TimelineRows tree={tree} axis={axis.axis} scroller={scroller} />
      </div>
      <NewTurnsChip />
    </div>
  )
}
