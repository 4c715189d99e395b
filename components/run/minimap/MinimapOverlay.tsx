"use client"

import { useStore } from "zustand"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import type { AxisView } from "@/components/run/timeline/axis/createAxisView"
import type { TimeAxis } from "@/lib/timeline/axis/timeAxis"
import { toAxis } from "@/lib/timeline/axis/timeAxis"
import { cursorTime } from "@/lib/timeline/rows/turnAt"
import { turnSpan } from "@/lib/timeline/rows/turnSpan"
import { outlineAt } from "@/lib/trace/view/OutlineList"
import type { RunView } from "@/lib/trace/view/RunView"

export type MinimapOverlayProps = { view: AxisView; axis: TimeAxis; run: RunView | undefined }

/** Over the strip: what the timeline is zoomed to, the selected turn, and the playhead of a rewound run. */
export function MinimapOverlay({ view, axis, run }: MinimapOverlayProps) {
  const { runId } = useRunPageStore()
  const { wholeTo, from, to } = useStore(view.frame)
  const isZoomed = useRunPageState((state) => state.zoom !== undefined)
  const at = useRunPageState((state) => state.at)
  const selected = useRunPageState((state) =>
    state.selected?.runId === runId ? state.selected.index : undefined,
  )
  const percent = (place: number) => `${Math.min(100, Math.max(0, (place / wholeTo) * 100))}%`
  const placeOfTurn = (index: number) => {
    const outline = run === undefined ? undefined : outlineAt(run.outlines, index)
    const span = outline === undefined ? undefined : turnSpan(outline)
    return span === undefined ? undefined : toAxis(axis, span.start)
  }
  const chosen = selected === undefined ? undefined : placeOfTurn(selected)
  const headMs = at === undefined || run === undefined ? undefined : cursorTime(run.outlines, at)
  const isBack = at !== undefined && run !== undefined && at < run.cursor
  const head = isBack ? toAxis(axis, headMs ?? axis.startMs) : undefined
  return (
    <>
      {isZoomed ? (
        <>
          <span className="absolute inset-y-0 left-0 bg-bg/65" style={{ width: percent(from) }} />
          <span className="absolute inset-y-0 right-0 bg-bg/65" style={{ left: percent(to) }} />
          <span
            className="absolute inset-y-0 border-x border-accent"
            style={{ left: percent(from), right: `calc(100% - ${percent(to)})` }}
          />
        </>
      ) : null}
      {chosen === undefined ? null : (
        <span className="absolute inset-y-0 w-px bg-ink" style={{ left: percent(chosen) }} />
      )}
      {head === undefined ? null : (
        <span className="absolute inset-y-0 right-0 bg-bg/75" style={{ left: percent(head) }} />
      )}
      <span
        data-playhead=""
        className="absolute inset-y-0 w-[9px] -translate-x-1/2 cursor-ew-resize"
        style={{ left: head === undefined ? "100%" : percent(head) }}
      >
        <span
          className={`mx-auto block h-full ${head === undefined ? "w-px bg-line-strong" : "w-0.5 bg-accent"}`}
        />
      </span>
    </>
  )
}
