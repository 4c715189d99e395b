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
import { useComparison } from "./useComparison"

export type ComparedRunsProps = {
  runA: string
  runB: string
  /** The line to look at first. */
  start: PairRef | undefined
  /** Told of the line that is looked at, a moment after it is another. */
  onPair: (pair: PairRef | undefined) => void
  onSwap: (pair: PairRef | undefined) => void
  /** How the reader wants to see them; kept when the sides are exchanged. */
  taste: CompareTaste
  onTaste: (taste: CompareTaste) => void
}

export type CompareTaste = { grade: DifferenceGrade; folds: boolean }

/** The lines of two runs, the way through them, and the line that is looked at. */
export function ComparedRuns(props: ComparedRunsProps) {
  const { runA, runB, start, onPair, onSwap, taste, onTaste } = props
  const { grade, folds } = taste
  const [pair, setPair] = useState(start)
  // Browsers refuse an address that changes hundreds of times in a row.
  useEffect(() => {
    const timer = setTimeout(() => onPair(pair), ADDRESS_MS)
    return () => clearTimeout(timer)
  }, [pair, onPair])
  const [opened, setOpened] = useState<ReadonlySet<number>>(NONE_OPENED)
  const [readAll, setReadAll] = useState(false)
  const comparison = useComparison(runA, runB, readAll)
  const { lines, whole } = comparison
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
        onGrade={(next) => onTaste({ ...taste, grade: next })}
        folds={folds}
        onFolds={(next) => {
          onTaste({ ...taste, folds: next })
          setOpened(NONE_OPENED)
        }}
        onReadAll={() => setReadAll(true)}
        onStep={toDifference}
      />
      {lines.length === 0 ? (
        <p className="skeleton p-3 text-ink-3">
          {whole ? "Neither run has a turn yet." : "Fetching both runs …"}
        </p>
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
