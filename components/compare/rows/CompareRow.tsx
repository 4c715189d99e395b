// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual grid stand at places of their own, as a table's rows can't
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the selected row; rows come and go with the scroll
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the page's keys do what a click does
"use client"

import { memo } from "react"
import styles from "@/components/compare/compare.module.css"
import { cx } from "@/components/ui/cx"
import { useNarrow } from "@/components/ui/hooks/useRowPx"
import type { TurnDifference } from "@/lib/timeline/compare/compareTurns"
import { CompareCell, CompareGap } from "./CompareCell"
import { DifferenceMark, DifferenceShape } from "./DifferenceMark"
import { DIFFERENCE_WORDS } from "./differenceWords"

export type CompareRowProps = {
  runA: string
  runB: string
  a: number | undefined
  b: number | undefined
  /** The line's differences, weightiest first, joined by blanks: a word that stays the same while they do. */
  differences: string
  place: number
  selected: boolean
  onSelect: (place: number) => void
}

/** The turns of both runs that stand in a line, and in what they differ. */
export const CompareRow = memo(function CompareRow(props: CompareRowProps) {
  const { runA, runB, a, b, place, selected, onSelect } = props
  const narrow = useNarrow()
  const differences = props.differences === "" ? [] : (props.differences.split(" ") as TurnDifference[])
  const [first] = differences
  return (
    <div
      role="row"
      id={compareRowId(place)}
      data-pair={`${a ?? ""}.${b ?? ""}`}
      data-differences={props.differences}
      aria-selected={selected}
      onClick={() => onSelect(place)}
      className={cx(
        styles.halves,
        "h-full cursor-default border-b border-line/60 select-none",
        selected ? "bg-selected" : "hover:bg-hover",
      )}
    >
      {narrow ? (
        <span
          className={cx(
            "row-span-full flex items-center justify-center",
            first === undefined ? "" : DIFFERENCE_WORDS[first].colour,
          )}
        >
          {first === undefined ? null : <DifferenceShape difference={first} />}
          <span className="sr-only">{differences.map((one) => DIFFERENCE_WORDS[one].mark).join(", ")}</span>
        </span>
      ) : null}
      {a === undefined ? <CompareGap side="a" /> : <CompareCell side="a" runId={runA} index={a} />}
      {narrow ? null : (
        <span
          role="gridcell"
          className="flex min-w-0 items-center justify-center border-x border-line/60 px-1"
        >
          <DifferenceMark differences={differences} />
        </span>
      )}
      {b === undefined ? <CompareGap side="b" /> : <CompareCell side="b" runId={runB} index={b} />}
    </div>
  )
})

/** The id of a line's row, by which the grid names the selected one. */
export function compareRowId(place: number): string {
  return `pair-${place}`
}
