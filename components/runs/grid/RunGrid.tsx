// biome-ignore-all lint/a11y/useSemanticElements: virtual rows are absolutely positioned, which table rows can't be
"use client"

import { defaultRangeExtractor, useWindowVirtualizer } from "@tanstack/react-virtual"
import { type CSSProperties, type RefObject, useEffect, useMemo, useRef } from "react"
import { useStore } from "zustand"
import type { RunOrder } from "@/components/runs/filters/PageFilter"
import { GridRow } from "@/components/runs/row/GridRow"
import { phoneRowPx } from "@/components/runs/row/phoneRows"
import { runsPreferences } from "@/components/runs/runsPreferences"
import { strings } from "@/components/runs/strings"
import { useCoarse, usePhone, useRowHeight } from "@/components/ui/hooks/useMedia"
import type { LiveCounts, SearchHits, SectionSizes } from "@/lib/live/lists/RunListState"
import type { RunSection } from "@/lib/trace/state/runSection"
import { fitColumns } from "./columns"
import { useGrid } from "./GridContext"
import { GroupFrame, SectionHeader, SortedHeader } from "./GridGroup"
import { GridHead } from "./GridHead"
import { type GridGroup, type GridLayout, headerKey } from "./layoutGrid"
import { stopId } from "./stopId"
import { usePlaceOnPage } from "./usePlaceOnPage"

/** How many rows before the end the next page is requested. */
const ROWS_AHEAD = 30

export type RunGridProps = {
  grid: RefObject<HTMLDivElement | null>
  groups: readonly GridGroup[]
  layout: GridLayout
  hits: SearchHits
  query: string | undefined
  /** True if the last group has more pages. */
  more: boolean
  loadingMore: boolean
  /** How many ended runs match, including those that aren't loaded, if that is known. */
  endedTotal: number | undefined
  sizes: SectionSizes
  /** The counts of the listed runs in progress. Undefined if not all of them are listed. */
  live: LiveCounts | undefined
  loadMore: () => void
  order: RunOrder | undefined
  onOrder: (order: RunOrder | undefined) => void
  onFoldSection: (section: RunSection) => void
}

/** All runs in one grid, with a header for each group; only rows near the viewport are rendered. */
export function RunGrid(props: RunGridProps) {
  const { grid, groups, layout, order, onOrder, more, loadingMore, loadMore } = props
  const { store } = useGrid()
  const active = useStore(store, (state) => state.active)
  const isPhone = usePhone()
  const headPx = useRowHeight()
  const rowPx = groups.map(({ section }) => (isPhone ? phoneRowPx(section) : headPx))
  const rows = useRef<HTMLDivElement>(null)
  const { top, width } = usePlaceOnPage(rows)
  const { columns, template } = useColumns(width)
  const { items, itemOf, stops } = layout
  const activeItem = active === undefined ? undefined : itemOf.get(active)
  const sizeOf = (at: number) => {
    const item = items[at]
    return item === undefined || item.at === "header" ? headPx : (rowPx[item.group] ?? headPx)
  }
  const virtual = useWindowVirtualizer({
    count: items.length,
    estimateSize: sizeOf,
    getItemKey: (at) => at,
    scrollMargin: top,
    overscan: 4,
    rangeExtractor: (range) => withItem(defaultRangeExtractor(range), activeItem),
  })
  const visible = virtual.getVirtualItems()
  const last = visible.at(-1)?.index ?? 0
  useEffect(() => {
    if (more && !loadingMore && last >= items.length - ROWS_AHEAD) loadMore()
  }, [more, loadingMore, loadMore, last, items.length])
  const shared = { ...props, columns, isPhone, headPx, active }
  const frames = framesOf(groups, rowPx, headPx)
  const visibleRows = groups.map((): number[] => [])
  for (const { index } of visible) {
    const item = items[index]
    if (item !== undefined && item.at !== "header") visibleRows[item.group]?.push(item.at)
  }
  const groupAt = (at: number) => (
    <Group
      key={groups[at]?.section ?? "sorted"}
      {...shared}
      at={at}
      rowPx={rowPx[at] ?? headPx}
      visible={visibleRows[at] ?? []}
      frame={frames[at]}
    />
  )
  const live = groups.flatMap(({ section }, at) => (section === undefined || section === "ended" ? [] : [at]))
  const others = groups.flatMap(({ section }, at) =>
    section === undefined || section === "ended" ? [at] : [],
  )
  return (
    <div
      ref={grid}
      role="grid"
      aria-label={strings.grid.label}
      aria-multiselectable="true"
      aria-rowcount={more ? -1 : items.length + 1}
      aria-colcount={columns.length + 2}
      aria-activedescendant={activeItem === undefined || active === undefined ? undefined : stopId(active)}
      tabIndex={stops.length === 0 ? -1 : 0}
      onFocus={(event) => {
        const { active: stop } = store.getState()
        const hasNone = stop === undefined || !itemOf.has(stop)
        if (event.target === event.currentTarget && hasNone) store.setState({ active: stops[0] })
      }}
      className="run-grid relative outline-none"
      style={{ "--run-columns": template } as CSSProperties}
    >
      <GridHead columns={columns} order={order} onOrder={onOrder} />
      <div ref={rows}>
        {live.length > 0 ? (
          <div role="rowgroup" aria-label={strings.grid.live}>
            {live.map(groupAt)}
          </div>
        ) : null}
        {others.map((at) => (
          <div
            key={groups[at]?.section ?? "sorted"}
            role="rowgroup"
            aria-label={groups[at]?.section === undefined ? strings.grid.sorted : strings.grid.ended}
          >
            {groupAt(at)}
          </div>
        ))}
      </div>
    </div>
  )
}

type Frame = { height: number; firstRow: number }
type GroupProps = Omit<RunGridProps, "grid" | "layout"> & {
  columns: ReturnType<typeof fitColumns>["columns"]
  isPhone: boolean
  rowPx: number
  headPx: number
  active: string | undefined
  at: number
  visible: readonly number[]
  frame: Frame | undefined
}

function Group(props: GroupProps) {
  const { groups, at, frame, visible, hits, query, order, onOrder, onFoldSection, more, active } = props
  const { endedTotal, sizes, live } = props
  const isTouch = useCoarse()
  const group = groups[at]
  if (group === undefined || frame === undefined) return null
  const { section, rows, count, isFolded } = group
  const isPartial = section === "ended" && more
  const size = (section && sizes.get(section)) ?? count
  return (
    <GroupFrame section={section} height={frame.height}>
      {section !== undefined ? (
        <SectionHeader
          section={section}
          count={isPartial ? (endedTotal ?? count) : size}
          elsewhere={section === "trouble" && live?.trouble !== undefined ? live.trouble - size : 0}
          isMinimum={section === "ended" ? isPartial && endedTotal === undefined : live === undefined}
          isFolded={isFolded}
          rowIndex={frame.firstRow}
          id={stopId(headerKey(section))}
          isActive={active === headerKey(section)}
          onFold={onFoldSection}
        />
      ) : order === undefined ? null : (
        <SortedHeader order={order} rowIndex={frame.firstRow} onClear={() => onOrder(undefined)} />
      )}
      {visible.map((index) => {
        const row = rows[index]
        return row === undefined ? null : (
          <GridRow
            key={row.runId}
            runId={row.runId}
            depth={row.depth}
            isUnfolded={row.isUnfolded}
            section={section}
            top={props.headPx + index * props.rowPx}
            height={props.rowPx}
            rowIndex={frame.firstRow + 1 + index}
            columns={props.columns}
            isPhone={props.isPhone}
            isTouch={isTouch}
            hit={hits.get(row.runId)}
            query={query}
          />
        )
      })}
    </GroupFrame>
  )
}

function framesOf(groups: readonly GridGroup[], rowPx: readonly number[], headPx: number): Frame[] {
  // Row 1 contains the column headers.
  let firstRow = 2
  return groups.map(({ rows }, at) => {
    const frame = { height: headPx + rows.length * (rowPx[at] ?? headPx), firstRow }
    firstRow += rows.length + 1
    return frame
  })
}

function withItem(indexes: number[], item: number | undefined): number[] {
  if (item === undefined || indexes.includes(item)) return indexes
  return [...indexes, item].sort((a, b) => a - b)
}

function useColumns(width: number) {
  const hidden = useStore(runsPreferences, (state) => state.hiddenColumns)
  const widths = useStore(runsPreferences, (state) => state.widths)
  return useMemo(() => fitColumns(width, hidden, widths), [width, hidden, widths])
}
