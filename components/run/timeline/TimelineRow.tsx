// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual grid stand at places of their own, as a table's rows can't
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the selected row; rows come and go with the scroll
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the page's keys do what a click does
"use client"

import { ChevronRight } from "lucide-react"
import { memo } from "react"
import { RowTitle } from "@/components/turn/RowTitle"
import { cx } from "@/components/ui/cx"
import { KindMark } from "@/components/ui/KindMark"
import { useOutline } from "@/lib/live/hooks/useFollowedRun"
import type { TimeAxis } from "@/lib/timeline/axis/timeAxis"
import { countText, durationText } from "@/lib/timeline/formatNumber"
import type { BindLane } from "./axis/createAxisView"
import { TimelineBar } from "./TimelineBar"
import styles from "./timeline.module.css"

export type TimelineRowProps = {
  runId: string
  index: number
  depth: number
  axis: TimeAxis
  bindLane: BindLane
  selected: boolean
  /** The reader's words are in it. */
  hit: boolean
  /** It has child runs, which are open or not; undefined without any. */
  open: boolean | undefined
  onSelect: (runId: string, index: number) => void
  onToggle: (runId: string, index: number) => void
}

/** One turn: index, kind, title, bar, duration, tokens. Drawn again only when its own turn or the axis changes. */
export const TimelineRow = memo(function TimelineRow(props: TimelineRowProps) {
  const { runId, index, depth, axis, bindLane, selected, hit, open, onSelect, onToggle } = props
  const outline = useOutline(runId, index)
  return (
    <div
      role="row"
      id={rowId(runId, index)}
      data-turn-index={index}
      data-turn-run={runId}
      aria-selected={selected}
      aria-level={depth + 1}
      aria-expanded={open}
      onClick={() => onSelect(runId, index)}
      className={cx(
        styles.grid,
        "relative h-full cursor-default border-b border-line/60 select-none",
        selected ? "bg-selected" : "hover:bg-hover",
      )}
    >
      {outline?.error ? <span className="absolute inset-y-0 left-0 w-0.5 bg-error" /> : null}
      <span role="gridcell" className="num pr-2 text-right text-ink-3">
        {index}
      </span>
      <span role="gridcell" title={outline?.kind} className="flex items-center">
        {outline === undefined ? null : <KindMark kind={outline.kind} bare />}
      </span>
      <span role="gridcell" className="flex h-full min-w-0 items-center">
        {depth === 0 ? null : (
          <span
            className="mr-2 ml-1.5 h-full shrink-0 border-l border-kind-agent/60"
            style={{ marginLeft: depth * 16 - 10 }}
          />
        )}
        {open === undefined ? null : (
          <button
            type="button"
            tabIndex={-1}
            aria-label={open ? "Fold child runs" : "Unfold child runs"}
            onClick={(event) => {
              event.stopPropagation()
              onToggle(runId, index)
            }}
            className="-ml-1 flex size-5 shrink-0 items-center justify-center text-ink-3 hover:text-ink"
          >
            <ChevronRight className={cx("size-3.5 transition-transform", open && "rotate-90")} />
          </button>
        )}
        {outline === undefined ? (
          <span className="h-2 w-40 max-w-full rounded-small bg-line" />
        ) : (
          <RowTitle outline={outline} hit={hit} />
        )}
      </span>
      <span ref={bindLane} role="gridcell" className={styles.lane}>
        {outline === undefined ? null : <TimelineBar outline={outline} axis={axis} />}
      </span>
      <span role="gridcell" className="num pr-2 text-right text-ink-2">
        {outline?.error ? <span className="pr-1 text-error">✗</span> : null}
        {outline?.duration_ms === undefined ? null : durationText(outline.duration_ms)}
      </span>
      <span role="gridcell" className="num pr-3 text-right text-ink-3">
        {outline?.tokens === undefined ? null : countText(outline.tokens)}
      </span>
    </div>
  )
})

/** The id of a turn's row, by which the grid names the selected one. */
export function rowId(runId: string, index: number): string {
  return `turn-${runId}-${index}`
}
