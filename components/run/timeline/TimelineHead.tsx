"use client"

import { useMemo } from "react"
import { useStore } from "zustand"
import { useRunPageState, useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { strings } from "@/components/run/strings"
import { cx } from "@/components/ui/cx"
import { axisTicks, tickLabel } from "@/lib/timeline/axis/axisTicks"
import type { AxisView } from "./axis/createAxisView"
import type { RunAxis } from "./axis/useTimeAxis"
import { axisStyle } from "./TimelineBar"
import styles from "./timeline.module.css"

const TEXT = strings.timeline

/** The height of the head. The rows start below it. */
export const HEAD_PX = 26
/** A tick closer to the right edge than this has no label. */
const LABEL_PX = 40

/** The column names, and the axis with its ticks and idle gaps. Stays at the top while scrolling. */
export function TimelineHead({ view, axis }: { view: AxisView; axis: RunAxis }) {
  return (
    <div
      aria-hidden="true"
      className={cx(styles.grid, "num sticky top-0 z-10 border-b border-line bg-bg text-small text-ink-3")}
      style={{ height: HEAD_PX }}
    >
      <span className="pr-2 text-right max-sm:hidden">#</span>
      <span className="max-sm:hidden" />
      <span className="max-sm:hidden">{TEXT.turn}</span>
      <span ref={view.bindLane} data-lane="" className={styles.lane}>
        <Ticks view={view} axis={axis} />
        <IdleGaps axis={axis} />
      </span>
      <span className="pr-2 text-right max-sm:hidden">{TEXT.time}</span>
      <span className="pr-3 text-right max-sm:hidden">{TEXT.tokens}</span>
      <span className={styles.cost}>{TEXT.cost}</span>
      <span className={styles.model}>{TEXT.model}</span>
    </div>
  )
}

function Ticks({ view, axis }: { view: AxisView; axis: RunAxis }) {
  const frame = useStore(view.frame)
  const ticks = useMemo(() => axisTicks(axis.axis, frame, frame.widthPx), [axis.axis, frame])
  const hasRoom = (position: number) =>
    (frame.to - position) * frame.widthPx > LABEL_PX * (frame.to - frame.from)
  return ticks.map((tick) => (
    <span
      key={tick.afterMs}
      className={cx(
        styles.mark,
        "border-l border-line-strong pl-1 leading-[15px] whitespace-nowrap max-sm:leading-3",
      )}
      style={axisStyle({ start: tick.position })}
    >
      {hasRoom(tick.position) ? (
        // On a phone, idle gaps are on the same line.
        <span className="max-sm:relative max-sm:z-1 max-sm:bg-bg max-sm:pr-1">{tickLabel(tick.afterMs)}</span>
      ) : null}
    </span>
  ))
}

/** Idle gaps on the axis. A click folds or unfolds them all. */
function IdleGaps({ axis }: { axis: RunAxis }) {
  const { page } = useRunPageStore()
  const folds = useRunPageState((state) => state.foldsGaps)
  if (folds) {
    return axis.axis.folds.map((fold) => (
      <button
        key={fold.realFrom}
        type="button"
        tabIndex={-1}
        title={TEXT.unfoldGap(fold.realTo - fold.realFrom)}
        onClick={() => page.foldGaps(false)}
        className={cx(styles.span, "inset-y-0 min-w-1.5 bg-line-strong/60 hover:bg-accent/40")}
        style={axisStyle({ start: fold.from, end: fold.to })}
      />
    ))
  }
  return axis.gaps.map((gap) => (
    <button
      key={gap.from}
      type="button"
      tabIndex={-1}
      onClick={() => page.foldGaps(true)}
      title={TEXT.foldGap(gap.to - gap.from)}
      className={cx(
        styles.span,
        styles.gap,
        "bottom-0 h-[11px] overflow-hidden border-x border-line-strong text-center text-[10px] leading-[11px] whitespace-nowrap hover:text-accent",
      )}
      style={axisStyle({ start: gap.from - axis.axis.startMs, end: gap.to - axis.axis.startMs })}
    >
      <span className={styles.gapText}>{TEXT.idleGap(gap.to - gap.from)}</span>
    </button>
  ))
}
