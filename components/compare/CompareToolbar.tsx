"use client"

import { ChevronDown, ChevronUp } from "lucide-react"
import { useMemo } from "react"
import { Button } from "@/components/ui/Button"
import { IconButton } from "@/components/ui/IconButton"
import { Segmented } from "@/components/ui/Segmented"
import { countDifferences, type DifferenceGrade, differs } from "@/lib/timeline/compare/compareTurns"
import { grouped } from "@/lib/timeline/formatNumber"
import { DifferenceShape } from "./rows/DifferenceMark"
import { DIFFERENCE_WORDS, DIFFERENCES } from "./rows/differenceWords"
import type { LiveComparison } from "./useComparison"

const GRADES: { id: DifferenceGrade; label: string; title: string }[] = [
  {
    id: "steps",
    label: "Steps",
    title: "Which steps were taken, with which parameters, and whether they failed",
  },
  { id: "contents", label: "Steps and outputs", title: "What was said and what came back, too" },
]

export type CompareToolbarProps = {
  comparison: LiveComparison
  grade: DifferenceGrade
  onGrade: (grade: DifferenceGrade) => void
  folds: boolean
  onFolds: (folds: boolean) => void
  onReadAll: () => void
  onStep: (step: 1 | -1) => void
}

/** In how much the runs differ, what counts as a difference, and the way from one to the next. */
export function CompareToolbar(props: CompareToolbarProps) {
  const { comparison, grade, onGrade, folds, onFolds, onReadAll, onStep } = props
  const { lines, whole } = comparison
  const different = useMemo(() => lines.filter((line) => differs(line, grade)).length, [lines, grade])
  return (
    <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1">
      <Segmented label="What counts as a difference" segments={GRADES} value={grade} onChange={onGrade} />
      <Button look="ghost" aria-pressed={folds} onClick={() => onFolds(!folds)}>
        Fold the same
      </Button>
      <Counts comparison={comparison} grade={grade} />
      <span className="flex-1" />
      <ReadState comparison={comparison} onReadAll={onReadAll} />
      <span className="flex items-center">
        <span className="num pr-1 text-ink-2" data-different={different} data-whole={whole}>
          {different === 0 && whole ? "no difference" : `${grouped(different)} different`}
        </span>
        <IconButton
          label="Previous difference"
          keys="p"
          onClick={() => onStep(-1)}
          disabled={different === 0}
        >
          <ChevronUp />
        </IconButton>
        <IconButton label="Next difference" keys="n" onClick={() => onStep(1)} disabled={different === 0}>
          <ChevronDown />
        </IconButton>
      </span>
    </div>
  )
}

function Counts({ comparison, grade }: Pick<CompareToolbarProps, "comparison" | "grade">) {
  const counts = useMemo(() => countDifferences(comparison.lines), [comparison.lines])
  const shown = DIFFERENCES.filter(
    (one) => counts[one] > 0 && (grade === "contents" || (one !== "words" && one !== "output")),
  )
  return (
    <ul aria-label="Differences" className="num flex flex-wrap items-center gap-x-3 max-sm:hidden">
      {shown.map((one) => (
        <li key={one} data-count={one} className={`flex items-center gap-1 ${DIFFERENCE_WORDS[one].colour}`}>
          <DifferenceShape difference={one} />
          {grouped(counts[one])} {DIFFERENCE_WORDS[one].count}
        </li>
      ))}
    </ul>
  )
}

/** How far contents have been read; until then only titles are known to be the same. */
function ReadState({ comparison, onReadAll }: Pick<CompareToolbarProps, "comparison" | "onReadAll">) {
  const { read, reads } = comparison
  if (read.of === 0 || read.turns >= read.of) return null
  if (!reads) {
    return (
      <Button look="ghost" onClick={onReadAll} title="Until then turns are compared by their titles alone">
        Read {grouped(read.of)} turns in full
      </Button>
    )
  }
  return (
    <span className="num text-waiting">
      read {grouped(read.turns)} of {grouped(read.of)} turns
    </span>
  )
}
