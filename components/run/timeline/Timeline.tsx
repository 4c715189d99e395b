"use client"

import type { CSSProperties } from "react"
import { useEffect, useState } from "react"
import { useStore } from "zustand"
import { preferences } from "@/components/run/preferences"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import type { RunTree } from "@/components/run/useRunTree"
import { AxisCursors } from "./axis/AxisCursors"
import { AxisLines } from "./axis/AxisLines"
import type { AxisView } from "./axis/createAxisView"
import { useAxisGestures } from "./axis/useAxisGestures"
import type { RunAxis } from "./axis/useTimeAxis"
import { NewTurnsChip } from "./NewTurnsChip"
import { TimelineHead } from "./TimelineHead"
import { TimelineRows } from "./TimelineRows"
import { usePageKeys } from "./usePageKeys"
import { usePauseFollow } from "./usePauseFollow"

export type TimelineProps = { tree: RunTree; axis: RunAxis; view: AxisView }

/** One row per turn, on a shared time axis. */
export function Timeline({ tree, axis, view }: TimelineProps) {
  const { runId } = useRunPageStore()
  // A state instead of a ref, because the rows measure their scroller when they mount, so it has to exist first.
  const [scroller, setScroller] = useState<HTMLElement | null>(null)
  const cursor = tree.views.get(runId)?.cursor ?? 0
  useAxisGestures(view, scroller)
  usePauseFollow(scroller, cursor)
  usePageKeys(scroller, cursor)
  useSizes(view, scroller)
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={setScroller}
        className="h-full overflow-x-hidden overflow-y-auto overscroll-contain [overflow-anchor:none] [scrollbar-gutter:stable]"
        style={useColumns()}
      >
        <TimelineHead view={view} axis={axis} />
        <AxisLines view={view} axis={axis} />
        {scroller === null ? null : (
          <>
            <AxisCursors view={view} axis={axis} scroller={scroller} />
            <TimelineRows tree={tree} axis={axis.axis} axisView={view} scroller={scroller} />
          </>
        )}
        {tree.cursor > 0 && tree.list.count === 0 ? (
          <p className="p-4 text-ink-3">{strings.facets.noMatch}</p>
        ) : null}
      </div>
      <NewTurnsChip />
    </div>
  )
}

/** Reports the width of the axis to its view, and the visible height to the lines above the rows. */
function useSizes(view: AxisView, scroller: HTMLElement | null): void {
  useEffect(() => {
    if (scroller === null) return
    const lane = scroller.querySelector("[data-lane]")
    const observer = new ResizeObserver(() => {
      scroller.style.setProperty("--visible-height", `${scroller.clientHeight}px`)
      if (lane !== null) view.setWidth(lane.clientWidth)
    })
    observer.observe(scroller)
    if (lane !== null) observer.observe(lane)
    return () => observer.disconnect()
  }, [view, scroller])
}

/** Returns CSS variables that show or hide the grid's optional columns. */
function useColumns(): CSSProperties {
  const { showCost: isCostChosen, showModel } = useStore(preferences)
  const isSortedByCost = useRunPageState(({ sort }) => sort === "cost")
  const showCost = isCostChosen || isSortedByCost
  const variables: Record<string, string> = {
    "--cost-width": showCost ? "76px" : "0px",
    "--cost-display": showCost ? "block" : "none",
    "--model-width": showModel ? "132px" : "0px",
    "--model-display": showModel ? "block" : "none",
  }
  return variables
}
