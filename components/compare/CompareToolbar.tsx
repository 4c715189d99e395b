"use client"

import { ChevronDown, ChevronUp } from "lucide-react"
import { useMemo } from "react"
import { Button } from "@/components/ui/Button"
import { IconButton } from "@/components/ui/IconButton"
import { Segmented } from "@/components/ui/Segmented"
import { countDifferences, type DifferenceGrade, differs } from "@/lib/timeline/compare/compareTurns"
import { grouped } from "@/lib/trace/formatNumber"
import { DifferenceShape } from "./rows/DifferenceMark"
import { DIFFERENCE_WORDS, DIFFERENCES } from "./rows/differenceWords"
import { strings } from "./strings"
import type { LiveComparison } from "./useComparison"

const TEXT = strings.toolbar
const GRADES: { id: DifferenceGrade; label: string; title: string }[] = [
  { id: "steps", label: TEXT.steps, title: TEXT.stepsTitle },
  { id: "contents", label: TEXT.contents, title: TEXT.contentsTitle },
]

export type CompareToolbarProps = {
  comparison: LiveComparison
  grade: DifferenceGrade
  onGrade: (grade: DifferenceGrade) => void
  folds: boolean
  onFolds: (folds: boolean) => void
  onLoadAll: () => void
  onStep: (step: 1 | -1) => void
}

/** Shows the number and kinds of differences, chooses what counts as a difference, and moves between differences. */
export function CompareToolbar(props: CompareToolbarProps) {
  const { comparison, grade, onGrade, folds, onFolds, onLoadAll, onStep } = props
  const { lines, isComplete } = comparison
  const different = useMemo(() => lines.filter((line) => differs(line, grade)).length, [lines, grade])
  return (
    <div className="flex min-h-10 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1">
      <Segmented label={TEXT.grade} segments={GRADES} value={grade} onChange={onGrade} />
      <Button variant="ghost" aria-pressed={folds} onClick={() => onFolds(!folds)}>
        {TEXT.fold}
      </Button>
      <Counts comparison={comparison} grade={grade} />
      <span className="flex-1" />
      <LoadState comparison={comparison} onLoadAll={onLoadAll} />
      <span className="flex items-center">
        <span className="num pr-1 text-ink-2" data-different={different} data-complete={isComplete}>
          {different === 0 && isComplete ? TEXT.none : TEXT.count(different)}
        </span>
        <IconButton label={TEXT.previous} keys="p" onClick={() => onStep(-1)} disabled={different === 0}>
          <ChevronUp />
        </IconButton>
        <IconButton label={TEXT.next} keys="n" onClick={() => onStep(1)} disabled={different === 0}>
          <ChevronDown />
        </IconButton>
      </span>
    </div>
  )
}

function Counts({ comparison, grade }: Pick<CompareToolbarProps, "comparison" | "grade">) {
  const counts = useMemo(() => countDifferences(comparison.lines), [comparison.lines])
  const shown = DIFFERENCES.filter(
    (one) => counts[one] > 0 && (grade === "contents" || (one !== "text" && one !== "output")),
  )
  return (
    <ul aria-label={TEXT.counts} className="num flex flex-wrap items-center gap-x-3 max-sm:hidden">
      {shown.map((one) => (
        <li key={one} data-count={one} className={`flex items-center gap-1 ${DIFFERENCE_WORDS[one].color}`}>
          <DifferenceShape difference={one} />
          {grouped(counts[one])} {DIFFERENCE_WORDS[one].count}
        </li>
      ))}
    </ul>
  )
}

/** Shows how many turns have been loaded. Turns that haven't been loaded are compared by title only. */
function LoadState({ comparison, onLoadAll }: Pick<CompareToolbarProps, "comparison" | "onLoadAll">) {
  const { loaded, isLoading } = comparison
  if (loaded.of === 0 || loaded.turns >= loaded.of) return null
  if (!isLoading) {
    return (
      <Button variant="ghost" onClick={onLoadAll} title={TEXT.loadTitle}>
        {TEXT.load(loaded.of)}
      </Button>
    )
  }
  return <span className="num text-waiting">{TEXT.loaded(loaded.turns, loaded.of)}</span>
}
