// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual grid stand at places of their own, as a table's rows can't
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the selected row; rows come and go with the scroll
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the page's keys do what a click does
"use client"

import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual"
import { useRef, useState } from "react"
import type { RunTree } from "@/components/run/header/useRunTree"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { useHits } from "@/components/run/search/useHits"
import { useRowPx } from "@/components/ui/hooks/useRowPx"
import { useRunView } from "@/lib/live/hooks/useFollowedRun"
import type { TimeAxis } from "@/lib/timeline/axis/timeAxis"
import { type RunRows, rowAt, rowNumberOf } from "@/lib/timeline/rows/runRows"
import { timeMs } from "@/lib/trace/state/runState"
import { shownProgress } from "@/lib/trace/view/RunView"
import type { AxisView } from "./axis/createAxisView"
import { createRowsToDraw } from "./createRowsToDraw"
import { PendingTurnRow } from "./PendingTurnRow"
import { HEAD_PX } from "./TimelineHead"
import { rowId, TimelineRow } from "./TimelineRow"
import { useHeldScroll } from "./useHeldScroll"
import { useKeptPlace } from "./useKeptPlace"
import { useRowActions } from "./useRowActions"

export type TimelineRowsProps = {
  tree: RunTree
  axis: TimeAxis
  axisView: AxisView
  scroller: HTMLElement
}

/** The rows in view, and the ghost of the turn being made at the end. */
export function TimelineRows({ tree, axis, axisView, scroller }: TimelineRowsProps) {
  const { runId } = useRunPageStore()
  const rowPx = useRowPx()
  const selected = useRunPageState((state) => state.selected)
  const openRuns = useRunPageState((state) => state.openRuns)
  const rewound = useRunPageState((state) => state.at !== undefined)
  const view = useRunView(runId)
  const hits = useHits()
  const hasGhost = !rewound && shownProgress(view) !== undefined
  const count = tree.rows.count + (hasGhost ? 1 : 0)
  const [rowsToDraw] = useState(createRowsToDraw)
  const scrolled = useRef<Pick<Virtualizer<HTMLElement, Element>, "scrollDirection">>(undefined)
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: () => rowPx,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    rangeExtractor: (seen) => rowsToDraw(seen, scrolled.current?.scrollDirection ?? null),
    // The first paint has rows before the scroller has been measured.
    initialRect: { width: 800, height: 600 },
  })
  scrolled.current = virtual
  useHeldScroll({ scroller, rows: tree.rows, count, rowPx })
  useKeptPlace(
    scroller,
    (box) => topTurn(tree.rows, runId, Math.ceil(box.scrollTop / rowPx)),
    (index) => {
      scroller.scrollTop = (rowNumberOf(tree.rows, { runId, index }) ?? 0) * rowPx
    },
  )
  const { onSelect, onToggle } = useRowActions(tree)
  const sinceMs = timeMs(view.run?.last_turn_at) ?? timeMs(view.run?.started_at) ?? 0
  return (
    <div
      role="treegrid"
      aria-label="Turns"
      aria-rowcount={count}
      aria-activedescendant={selected === undefined ? undefined : rowId(selected.runId, selected.index)}
      tabIndex={0}
      className="relative z-[1] outline-offset-[-2px]"
      style={{ height: virtual.getTotalSize() }}
    >
      {virtual.getVirtualItems().map((item) => {
        const row = rowAt(tree.rows, item.index)
        const style = { top: item.start - HEAD_PX, height: rowPx }
        if (row === undefined) {
          return (
            <div key="ghost" role="presentation" className="absolute inset-x-0" style={style}>
              <PendingTurnRow
                runId={runId}
                axis={axis}
                bindLane={axisView.bindRunningLane}
                sinceMs={sinceMs}
                selected={selected?.runId === runId && selected.index === view.cursor}
                onSelect={onSelect}
              />
            </div>
          )
        }
        const children = tree.childrenOf(row.runId).get(row.index)
        return (
          <div
            key={`${row.runId}/${row.index}`}
            role="presentation"
            className="absolute inset-x-0"
            style={style}
          >
            <TimelineRow
              {...row}
              axis={axis}
              bindLane={axisView.bindLane}
              selected={selected?.runId === row.runId && selected.index === row.index}
              hit={row.runId === runId && hits.has(row.index)}
              open={children === undefined ? undefined : children.some((id) => openRuns.has(id))}
              onSelect={onSelect}
              onToggle={onToggle}
            />
          </div>
        )
      })}
    </div>
  )
}

/** The run's own turn at a place or above it: a child run's turns are not in the transcript. */
function topTurn(rows: RunRows, runId: string, place: number): number | undefined {
  for (let at = Math.min(place, rows.count - 1); at >= 0; at--) {
    const row = rowAt(rows, at)
    if (row?.runId === runId) return row.index
  }
  return undefined
}
