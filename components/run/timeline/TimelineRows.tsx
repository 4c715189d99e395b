// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual grid are positioned individually, which table rows can't be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the selected row; rows are mounted and unmounted while scrolling
"use client"

import { useVirtualizer, type Virtualizer } from "@tanstack/react-virtual"
import { useMemo, useRef, useState } from "react"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import type { RunTree } from "@/components/run/useRunTree"
import { useRowPx } from "@/components/ui/hooks/useRowPx"
import { useRunView } from "@/lib/live/hooks/useFollowedRun"
import type { TimeAxis } from "@/lib/timeline/axis/timeAxis"
import { rowAt, rowNumberOf, type TurnRows } from "@/lib/timeline/rows/turnRows"
import { timeMs } from "@/lib/trace/state/runState"
import { shownProgress } from "@/lib/trace/view/RunView"
import type { AxisView } from "./axis/createAxisView"
import { createOverscan } from "./createOverscan"
import { PendingTurnRow } from "./PendingTurnRow"
import { rowData } from "./rowData"
import { HEAD_PX } from "./TimelineHead"
import { rowId, TimelineRow } from "./TimelineRow"
import { useRowActions } from "./useRowActions"
import { useScrollAnchor } from "./useScrollAnchor"
import { useScrollHandover } from "./useScrollHandover"

export type TimelineRowsProps = {
  tree: RunTree
  axis: TimeAxis
  axisView: AxisView
  scroller: HTMLElement
}

/** The visible rows, and the pending turn at the end. */
export function TimelineRows({ tree, axis, axisView, scroller }: TimelineRowsProps) {
  const { runId } = useRunPageStore()
  const rowPx = useRowPx()
  const selected = useRunPageState((state) => state.selected)
  const view = useRunView(runId)
  const hasPendingTurn = useHasPendingTurn(tree)
  const count = tree.rows.count + (hasPendingTurn ? 1 : 0)
  const virtual = useRows(scroller, count, rowPx)
  useScrollAnchor({ scroller, rows: tree.rows, count, rowPx })
  useScrollHandover(
    scroller,
    (box) => topTurn(tree.rows, runId, Math.ceil(box.scrollTop / rowPx)),
    (index) => {
      scroller.scrollTop = (rowNumberOf(tree.rows, { runId, index }) ?? 0) * rowPx
    },
  )
  const actions = useRowActions(tree)
  const hits = useHitIndices()
  const selectedRow = selected === undefined ? undefined : rowNumberOf(tree.rows, selected)
  const activeRow = selectedRow === undefined ? undefined : rowAt(tree.rows, selectedRow)
  const sinceMs = timeMs(view.run?.last_turn_at) ?? timeMs(view.run?.started_at) ?? 0
  return (
    <div
      role="treegrid"
      aria-label={strings.timeline.label}
      aria-rowcount={count}
      aria-activedescendant={activeRow === undefined ? undefined : rowId(activeRow.runId, activeRow.index)}
      data-turns=""
      data-shown={tree.list.indices.length}
      data-total={tree.cursor}
      tabIndex={0}
      className="relative z-[1] outline-offset-[-2px]"
      style={{ height: virtual.getTotalSize() }}
    >
      {virtual.getVirtualItems().map((item) => {
        const style = { top: item.start - HEAD_PX, height: rowPx }
        const row = rowAt(tree.rows, item.index)
        return (
          <div
            key={row === undefined ? "pending" : `${row.runId}/${row.index}`}
            role="presentation"
            className="absolute inset-x-0"
            style={style}
          >
            {row === undefined ? (
              <PendingTurnRow
                runId={runId}
                axis={axis}
                bindLane={axisView.bindRunningLane}
                sinceMs={sinceMs}
                selected={selected?.runId === runId && selected.index === view.cursor}
                onSelect={actions.onSelect}
              />
            ) : (
              <Row
                tree={tree}
                rowNumber={item.index}
                axis={axis}
                axisView={axisView}
                selected={item.index === selectedRow}
                hits={hits}
                actions={actions}
              />
            )}
          </div>
        )
      })}
    </div>
  )
}

/**
 * Returns true if the pending turn has a row. It has none while the page shows an earlier state, or only some turns.
 */
function useHasPendingTurn(tree: RunTree): boolean {
  const { runId } = useRunPageStore()
  const view = useRunView(runId)
  const isReplaying = useRunPageState(({ mode }) => mode.kind === "replaying")
  const isFiltered = useRunPageState(({ filter, sort }) => filter.length > 0 || sort !== undefined)
  return !isReplaying && !isFiltered && tree.cursor === view.cursor && shownProgress(view) !== undefined
}

function useRows(scroller: HTMLElement, count: number, rowPx: number): Virtualizer<HTMLElement, Element> {
  const [overscan] = useState(createOverscan)
  const current = useRef<Pick<Virtualizer<HTMLElement, Element>, "scrollDirection">>(undefined)
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroller,
    estimateSize: () => rowPx,
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
    rangeExtractor: (visible) => overscan(visible, current.current?.scrollDirection ?? null),
    // An assumed size, so that the first render shows rows before the scroller has been measured.
    initialRect: { width: 800, height: 600 },
  })
  current.current = virtual
  return virtual
}

type RowProps = {
  tree: RunTree
  rowNumber: number
  axis: TimeAxis
  axisView: AxisView
  selected: boolean
  /** The turns with search hits. */
  hits: ReadonlySet<number>
  actions: ReturnType<typeof useRowActions>
}

function Row({ tree, rowNumber, axis, axisView, selected, hits, actions }: RowProps) {
  const { runId } = useRunPageStore()
  const expandedRuns = useRunPageState((state) => state.expandedRuns)
  const row = rowAt(tree.rows, rowNumber)
  if (row === undefined) return null
  const { indices, ...data } = rowData(tree, row, rowNumber)
  const children = tree.childrenOf(row.runId).get(row.index)
  return (
    <TimelineRow
      runId={row.runId}
      index={row.index}
      depth={row.depth}
      {...data}
      axis={axis}
      bindLane={axisView.bindLane}
      selected={selected}
      isHit={row.runId === runId && indices.some((index) => hits.has(index))}
      childrenExpanded={children?.some((id) => expandedRuns.has(id))}
      {...actions}
    />
  )
}

function useHitIndices(): ReadonlySet<number> {
  const hits = useRunPageState(({ search }) => search.hits)
  return useMemo(() => new Set(hits.map(({ index }) => index)), [hits])
}

/**
 * Returns the index of the run's own turn in a row, or else of the nearest one above it. Turns of child runs are
 * skipped, because they aren't in the transcript.
 */
function topTurn(rows: TurnRows, runId: string, rowNumber: number): number | undefined {
  for (let number = Math.min(rowNumber, rows.count - 1); number >= 0; number--) {
    const row = rowAt(rows, number)
    if (row?.runId === runId) return row.index
  }
  return undefined
}
