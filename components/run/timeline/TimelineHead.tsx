"use client"

import { useMemo } from "react"
import { useStore } from "zustand"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { cx } from "@/components/ui/cx"
import { axisTicks, tickLabel } from "@/lib/timeline/axis/axisTicks"
import { durationText } from "@/lib/timeline/formatNumber"
import type { AxisView } from "./axis/createAxisView"
import type { RunAxis } from "./axis/useTimeAxis"
import { placed } from "./TimelineBar"
import styles from "./timeline.module.css"

/** How high the head of the rows is; rows begin under it. */
export const HEAD_PX = 26

/** The columns' names and the axis with its ticks and folded gaps; stays at the top. */
export function TimelineHead({ view, axis }: { view: AxisView; axis: RunAxis }) {
  return (
    <div
      aria-hidden="true"
      className={cx(styles.grid, "num sticky top-0 z-10 border-b border-line bg-bg text-small text-ink-3")}
      style={{ height: HEAD_PX }}
    >
      <span className="pr-2 text-right max-sm:hidden">#</span>
      <span className="max-sm:hidden" />
      <span className="max-sm:hidden">turn</span>
      <span ref={view.bindLane} data-lane="" className={styles.lane}>
        <Ticks view={view} axis={axis} />
        <GapMarks axis={axis} />
      </span>
      <span className="pr-2 text-right max-sm:hidden">time</span>
      <span className="pr-3 text-right max-sm:hidden">tokens</span>
    </div>
  )
}

function Ticks({ view, axis }: { view: AxisView; axis: RunAxis }) {
  const frame = useStore(view.frame)
  const ticks = useMemo(() => axisTicks(axis.axis, frame, frame.widthPx), [axis.axis, frame])
  return ticks.map((tick) => (
    <span
      key={tick.afterMs}
      className={cx(
        styles.mark,
        "border-l border-line-strong pl-1 leading-[15px] whitespace-nowrap max-sm:leading-3",
      )}
      style={placed({ s: tick.position })}
    >
      {(frame.to - tick.position) * frame.widthPx > 40 * (frame.to - frame.from)
        ? tickLabel(tick.afterMs)
        : null}
    </span>
  ))
}

/** Idle stretches, where they are: one that is not folded offers to be. */
function GapMarks({ axis }: { axis: RunAxis }) {
  const { reader } = useRunPageStore()
  const folds = useRunPageState((state) => state.foldsGaps)
  if (folds) {
    return axis.axis.folds.map((fold) => (
      <button
        key={fold.realFrom}
        type="button"
        tabIndex={-1}
        title={`waiting ${durationText(fold.realTo - fold.realFrom)} · unfold`}
        onClick={() => reader.foldGaps(false)}
        className={cx(styles.span, "inset-y-0 min-w-1.5 bg-line-strong/60 hover:bg-accent/40")}
        style={placed({ s: fold.from, e: fold.to })}
      />
    ))
  }
  return axis.gaps.map((gap) => (
    <button
      key={gap.from}
      type="button"
      tabIndex={-1}
      onClick={() => reader.foldGaps(true)}
      title={`waiting ${durationText(gap.to - gap.from)} · fold?`}
      className={cx(
        styles.span,
        styles.gap,
        "bottom-0 h-[11px] overflow-hidden border-x border-line-strong text-center text-[10px] leading-[11px] whitespace-nowrap hover:text-accent",
      )}
      style={placed({ s: gap.from - axis.axis.startMs, e: gap.to - axis.axis.startMs })}
    >
      <span className={styles.gapText}>waiting {durationText(gap.to - gap.from)} · fold?</span>
    </button>
  ))
}
