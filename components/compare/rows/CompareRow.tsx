// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual grid are absolutely positioned, which table rows can't be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and refers to the selected row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the page's keyboard shortcuts do the same
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
  /** The line's differences, most important first, joined by spaces. A string, so that `memo` can compare it. */
  differences: string
  place: number
  selected: boolean
  onSelect: (place: number) => void
}

/** One line: the aligned turns of both runs and their differences. */
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
            first === undefined ? "" : DIFFERENCE_WORDS[first].color,
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

/** Returns the DOM id of a line's row, for `aria-activedescendant`. */
export function compareRowId(place: number): string {
  return `pair-${place}`
}
