// biome-ignore-all lint/a11y/useSemanticElements: the grid isn't a table, see GridRow
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the View menu sorts by keyboard
"use client"

import { ArrowDown, ArrowUp } from "lucide-react"
import { type PointerEvent, useState } from "react"
import type { RunOrder } from "@/components/runs/filters/PageFilter"
import { runsPreferences } from "@/components/runs/runsPreferences"
import { strings } from "@/components/runs/strings"
import { cx } from "@/components/ui/cx"
import type { SortOrder } from "@/lib/protocol/enums"
import { type Column, clampWidth } from "./columns"

export type GridHeadProps = {
  columns: readonly Column[]
  order: RunOrder | undefined
  onOrder: (order: RunOrder | undefined) => void
}

const ARIA_SORT: Record<SortOrder, "ascending" | "descending"> = { asc: "ascending", desc: "descending" }

/** The column headers. Clicks sort by highest or newest first, then in reverse, then by sections again. */
export function GridHead({ columns, order, onOrder }: GridHeadProps) {
  return (
    <div role="rowgroup" className="run-heads sticky z-20 border-b border-line bg-bg max-sm:sr-only">
      <div role="row" aria-rowindex={1} className="run-columns h-6 text-small text-ink-3">
        <span role="columnheader" aria-colindex={1}>
          <span className="sr-only">{strings.grid.selectColumn}</span>
        </span>
        {columns.map((column, at) => (
          <HeadCell key={column.id} column={column} index={at + 2} order={order} onOrder={onOrder} />
        ))}
      </div>
    </div>
  )
}

type HeadCellProps = Omit<GridHeadProps, "columns"> & { column: Column; index: number }

function HeadCell({ column, index, order, onOrder }: HeadCellProps) {
  const { id, sort, isNumber } = column
  const label = strings.grid.columns[id]
  const current = sort !== undefined && order?.sort === sort ? order.order : undefined
  const Arrow = current === "asc" ? ArrowUp : ArrowDown
  return (
    <span
      role="columnheader"
      aria-colindex={index}
      aria-sort={current === undefined ? "none" : ARIA_SORT[current]}
      title={sort === undefined ? undefined : strings.grid.sortHint}
      onClick={sort === undefined ? undefined : () => onOrder(nextOrder({ sort, order: "desc" }, current))}
      className={cx(
        "relative flex min-w-0 items-center gap-0.5 select-none",
        isNumber && "justify-end",
        id === "labels" && "pl-3",
        sort !== undefined && "cursor-pointer hover:text-ink",
        current !== undefined && "text-ink",
      )}
    >
      <span className="truncate">{label}</span>
      {current === undefined ? null : <Arrow className="size-3 shrink-0" aria-hidden="true" />}
      <ResizeHandle column={column} />
    </span>
  )
}

function nextOrder(first: RunOrder, current: SortOrder | undefined): RunOrder | undefined {
  if (current === undefined) return first
  return current === "desc" ? { ...first, order: "asc" } : undefined
}

/** Resizes a column by dragging its right edge. A double click restores its default width. */
function ResizeHandle({ column }: { column: Column }) {
  const [start, setStart] = useState<{ x: number; width: number }>()
  const setWidth = (px: number | undefined) => {
    const { widths } = runsPreferences.getState()
    const { [column.id]: _, ...others } = widths
    runsPreferences.setState({
      widths: px === undefined ? others : { ...others, [column.id]: clampWidth(column, px) },
    })
  }
  const onPointerDown = (event: PointerEvent<HTMLElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId)
    const cell = event.currentTarget.parentElement
    setStart({ x: event.clientX, width: cell?.getBoundingClientRect().width ?? column.width })
  }
  const onPointerMove = (event: PointerEvent<HTMLElement>) => {
    if (start !== undefined) setWidth(start.width + event.clientX - start.x)
  }
  return (
    <span
      aria-hidden="true"
      title={strings.grid.resize(strings.grid.columns[column.id])}
      onClick={(event) => event.stopPropagation()}
      onDoubleClick={() => setWidth(undefined)}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={() => setStart(undefined)}
      onPointerCancel={() => setStart(undefined)}
      className="absolute inset-y-1 -right-1.5 w-2 cursor-col-resize touch-none border-r border-transparent hover:border-line-strong"
    />
  )
}
