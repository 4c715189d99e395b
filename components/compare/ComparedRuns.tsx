"use client"

import { useCallback, useEffect, useMemo, useState } from "react"
import { useNarrow, useRowPx } from "@/components/ui/hooks/useRowPx"
import { type DifferenceGrade, nextDifference } from "@/lib/timeline/compare/compareTurns"
import { CompareKeys } from "./CompareKeys"
import { CompareToolbar } from "./CompareToolbar"
import type { PairRef } from "./compareAddress"
import { placeOfPair } from "./createComparer"
import { PairPane } from "./pair/PairPane"
import { CompareRows } from "./rows/CompareRows"
import { layRows } from "./rows/layRows"
import { strings } from "./strings"
import { useComparison } from "./useComparison"

export type ComparedRunsProps = {
  runA: string
  runB: string
  /** The line that is selected initially. */
  start: PairRef | undefined
  /** Called with the selected line, debounced. */
  onPair: (pair: PairRef | undefined) => void
  onSwap: (pair: PairRef | undefined) => void
  /** The preferences are kept when the sides are swapped. */
  preferences: ComparePreferences
  onPreferences: (preferences: ComparePreferences) => void
}

export type ComparePreferences = { grade: DifferenceGrade; folds: boolean }

/** The compared lines, the toolbar, and the details of the selected line. */
export function ComparedRuns(props: ComparedRunsProps) {
  const { runA, runB, start, onPair, onSwap, preferences, onPreferences } = props
  const { grade, folds } = preferences
  const [pair, setPair] = useState(start)
  // Debounced, because browsers reject hundreds of history changes in a row.
  useEffect(() => {
    const timer = setTimeout(() => onPair(pair), ADDRESS_MS)
    return () => clearTimeout(timer)
  }, [pair, onPair])
  const [opened, setOpened] = useState<ReadonlySet<number>>(NONE_OPENED)
  const [loadAll, setLoadAll] = useState(false)
  const comparison = useComparison(runA, runB, loadAll)
  const { lines, isComplete } = comparison
  const heights = useHeights()
  const layout = useMemo(
    () => layRows(lines, folds ? { grade, opened } : undefined, heights),
    [lines, folds, grade, opened, heights],
  )
  const selected = useMemo(() => placeOfPair(lines, pair), [lines, pair])
  const line = lines[selected]
  const select = useCallback(
    (place: number) => {
      const chosen = lines[place]
      if (chosen === undefined) return
      const { a, b } = chosen
      setPair({ ...(a !== undefined && { a }), ...(b !== undefined && { b }) })
    },
    [lines],
  )
  const toDifference = (step: 1 | -1) => {
    const next = nextDifference(lines, selected < 0 ? undefined : selected, step, grade)
    if (next !== undefined) select(next)
  }
  const toLine = (step: 1 | -1) => {
    const { rows } = layout
    const at = rows.findIndex((row) => row.place === selected)
    const from = at >= 0 ? at : step === 1 ? -1 : rows.length
    for (let row = from + step; row >= 0 && row < rows.length; row += step)
      if (rows[row]?.row === "line") return select(rows[row]?.place ?? 0)
  }
  return (
    <>
      <CompareKeys
        onLine={toLine}
        onDifference={toDifference}
        onEnd={(end) => select(end === "first" ? 0 : lines.length - 1)}
        onClose={() => {
          if (pair === undefined) return false
          setPair(undefined)
          return true
        }}
        onSwap={() => onSwap(pair)}
      />
      <CompareToolbar
        comparison={comparison}
        grade={grade}
        onGrade={(next) => onPreferences({ ...preferences, grade: next })}
        folds={folds}
        onFolds={(next) => {
          onPreferences({ ...preferences, folds: next })
          setOpened(NONE_OPENED)
        }}
        onLoadAll={() => setLoadAll(true)}
        onStep={toDifference}
      />
      {lines.length === 0 ? (
        <p className="skeleton p-3 text-ink-3">{isComplete ? strings.rows.noTurns : strings.rows.loading}</p>
      ) : null}
      <CompareRows
        runA={runA}
        runB={runB}
        layout={layout}
        selected={selected}
        onSelect={select}
        onUnfold={(place) => setOpened(new Set([...opened, place]))}
      />
      {line === undefined ? null : (
        <PairPane runA={runA} runB={runB} line={line} onClose={() => setPair(undefined)} />
      )}
    </>
  )
}

const ADDRESS_MS = 150
const NONE_OPENED: ReadonlySet<number> = new Set()

function useHeights() {
  const rowPx = useRowPx()
  const narrow = useNarrow()
  return useMemo(
    () => (narrow ? { one: 36, both: 56, fold: 32 } : { one: rowPx, both: rowPx, fold: rowPx }),
    [narrow, rowPx],
  )
}
