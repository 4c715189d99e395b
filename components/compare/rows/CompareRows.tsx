// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual grid are absolutely positioned, which table rows can't be
"use client"

import { useVirtualizer } from "@tanstack/react-virtual"
import { useEffect, useRef } from "react"
import { strings } from "@/components/compare/strings"
import { CompareRow, compareRowId } from "./CompareRow"
import type { RowLayout } from "./layRows"
import { useHeldRows } from "./useHeldRows"

export type CompareRowsProps = {
  runA: string
  runB: string
  layout: RowLayout
  /** The index of the selected line, or -1. */
  selected: number
  onSelect: (place: number) => void
  onUnfold: (place: number) => void
}

/** The lines of a comparison. Only those near the visible part are rendered. */
export function CompareRows({ runA, runB, layout, selected, onSelect, onUnfold }: CompareRowsProps) {
  const scroller = useRef<HTMLDivElement>(null)
  const { rows, lines, tops } = layout
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => (tops[at + 1] ?? 0) - (tops[at] ?? 0),
    overscan: 8,
    initialRect: { width: 800, height: 600 },
  })
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new layout requires new measurements
  useEffect(() => virtual.measure(), [layout, virtual])
  useHeldRows(scroller, layout, selected)
  return (
    <div
      ref={scroller}
      className="min-h-0 flex-1 overflow-x-hidden overflow-y-auto overscroll-contain [overflow-anchor:none] [scrollbar-gutter:stable]"
    >
      <div
        role="grid"
        aria-label={strings.rows.label}
        aria-rowcount={lines.length}
        aria-activedescendant={selected < 0 ? undefined : compareRowId(selected)}
        tabIndex={0}
        className="relative outline-offset-[-2px]"
        style={{ height: tops.at(-1) ?? 0 }}
      >
        {virtual.getVirtualItems().map(({ index }) => {
          const row = rows[index]
          const line = row === undefined ? undefined : lines[row.place]
          if (row === undefined || line === undefined) return null
          const [top = 0, bottom = 0] = [tops[index], tops[index + 1]]
          return (
            <div
              key={line.a === undefined ? `b${line.b}` : `a${line.a}`}
              role="presentation"
              className="absolute inset-x-0"
              style={{ top, height: bottom - top }}
            >
              {row.row === "fold" ? (
                <Fold count={row.count} onUnfold={() => onUnfold(row.place)} />
              ) : (
                <CompareRow
                  runA={runA}
                  runB={runB}
                  a={line.a}
                  b={line.b}
                  differences={line.differences.join(" ")}
                  place={row.place}
                  selected={row.place === selected}
                  onSelect={onSelect}
                />
              )}
            </div>
          )
        })}
      </div>
    </div>
  )
}

function Fold({ count, onUnfold }: { count: number; onUnfold: () => void }) {
  return (
    <button
      type="button"
      data-fold={count}
      onClick={onUnfold}
      className="num flex size-full items-center justify-center gap-2 border-b border-line/60 bg-surface text-ink-3 hover:text-ink"
    >
      <span aria-hidden="true" className="h-px w-12 bg-line-strong" />
      {strings.rows.identical(count)}
      <span aria-hidden="true" className="h-px w-12 bg-line-strong" />
    </button>
  )
}
