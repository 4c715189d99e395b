// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual grid are absolutely positioned, which table rows can't be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and refers to the selected row
"use client"

import styles from "@/components/compare/compare.module.css"
import { strings } from "@/components/compare/strings"
import { RowTitle } from "@/components/turn/RowTitle"
import { cx } from "@/components/ui/cx"
import { KindMark } from "@/components/ui/state/KindMark"
import { useOutline } from "@/lib/live/hooks/useFollowedRun"
import { countText, durationText } from "@/lib/trace/formatNumber"

export type CompareCellProps = { side: "a" | "b"; runId: string; index: number }

/** One run's turn: index, kind, title, duration, tokens. */
export function CompareCell({ side, runId, index }: CompareCellProps) {
  const outline = useOutline(runId, index)
  return (
    <span role="gridcell" data-side={side} className={cx(styles.cell, "relative")}>
      {outline?.error ? <span className="absolute inset-y-0 left-0 w-0.5 bg-error max-sm:hidden" /> : null}
      <span className="num pr-2 text-right text-ink-3">
        <span className="pr-1 sm:sr-only">{side.toUpperCase()}</span>
        {index}
      </span>
      <span title={outline?.kind} className="flex items-center">
        {outline === undefined ? null : <KindMark kind={outline.kind} bare />}
      </span>
      <span className="flex min-w-0">{outline === undefined ? null : <RowTitle outline={outline} />}</span>
      <span className="num pl-2 text-right whitespace-nowrap text-ink-2">
        {outline?.error ? <span className="pr-1 text-error">✗</span> : null}
        {outline?.duration_ms === undefined ? null : durationText(outline.duration_ms)}
      </span>
      <span className="num pl-2 text-right text-ink-3">
        {outline?.tokens === undefined ? null : countText(outline.tokens)}
      </span>
    </span>
  )
}

/** A missing turn. */
export function CompareGap({ side }: { side: "a" | "b" }) {
  return (
    <span role="gridcell" data-side={side} className={styles.gap}>
      <span className="sr-only">{strings.rows.notIn(side.toUpperCase())}</span>
    </span>
  )
}
