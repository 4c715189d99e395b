"use client"

import { useStore } from "zustand"
import { replayCursor } from "@/components/run/createRunPageStore"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { AxisView } from "@/components/run/timeline/axis/createAxisView"
import type { TimeAxis } from "@/lib/timeline/axis/timeAxis"
import { toAxis } from "@/lib/timeline/axis/timeAxis"
import { cursorTime } from "@/lib/timeline/rows/turnAt"
import { turnSpan } from "@/lib/timeline/rows/turnSpan"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import type { RunView } from "@/lib/trace/view/RunView"

export type MinimapOverlayProps = {
  view: AxisView
  axis: TimeAxis
  run: RunView | undefined
  byTurn: boolean
}

/** Drawn over the minimap: the zoomed range, the selected turn, and the playhead of a replay. */
export function MinimapOverlay({ view, axis, run, byTurn }: MinimapOverlayProps) {
  const { runId } = useRunPageStore()
  const { axisEnd, from, to } = useStore(view.frame)
  const isZoomed = useRunPageState((state) => state.zoom !== undefined)
  const at = useRunPageState(replayCursor)
  const selected = useRunPageState((state) =>
    state.selected?.runId === runId ? state.selected.index : undefined,
  )
  const length = byTurn ? Math.max(1, run?.cursor ?? 0) : axisEnd
  const percent = (position: number) => `${Math.min(100, Math.max(0, (position / length) * 100))}%`
  const positionOfTurn = (index: number) => {
    if (byTurn) return index
    const outline = run === undefined ? undefined : outlineAt(run.outlines, index)
    const span = outline === undefined ? undefined : turnSpan(outline)
    return span === undefined ? undefined : toAxis(axis, span.start)
  }
  const selectedAt = selected === undefined ? undefined : positionOfTurn(selected)
  const playheadMs = at === undefined || run === undefined ? undefined : cursorTime(run.outlines, at)
  const isReplaying = at !== undefined && run !== undefined && at < run.cursor
  const replayed = byTurn ? at : toAxis(axis, playheadMs ?? axis.startMs)
  const playhead = isReplaying ? replayed : undefined
  return (
    <>
      {isZoomed && !byTurn ? (
        <>
          <span className="absolute inset-y-0 left-0 bg-bg/65" style={{ width: percent(from) }} />
          <span className="absolute inset-y-0 right-0 bg-bg/65" style={{ left: percent(to) }} />
          <span
            className="absolute inset-y-0 border-x border-accent"
            style={{ left: percent(from), right: `calc(100% - ${percent(to)})` }}
          />
        </>
      ) : null}
      {selectedAt === undefined ? null : (
        <span className="absolute inset-y-0 w-px bg-ink" style={{ left: percent(selectedAt) }} />
      )}
      {playhead === undefined ? null : (
        <span className="absolute inset-y-0 right-0 bg-bg/75" style={{ left: percent(playhead) }} />
      )}
      <span
        data-playhead=""
        className="absolute inset-y-0 w-[9px] -translate-x-1/2 cursor-ew-resize"
        style={{ left: playhead === undefined ? "100%" : percent(playhead) }}
      >
        <span
          className={`mx-auto block h-full ${playhead === undefined ? "w-px bg-line-strong" : "w-0.5 bg-accent"}`}
        />
      </span>
    </>
  )
}
