"use client"

import { useMemo } from "react"
import { useStore } from "zustand"
import { useRunPageStore } from "@/components/run/RunPageStoreProvider"
import { axisStyle } from "@/components/run/timeline/TimelineBar"
import styles from "@/components/run/timeline/timeline.module.css"
import { cx } from "@/components/ui/cx"
import { useRunSummary } from "@/lib/live/hooks/useFollowedRun"
import { axisTicks } from "@/lib/timeline/axis/axisTicks"
import { toAxis } from "@/lib/timeline/axis/timeAxis"
import { timeMs } from "@/lib/trace/state/runState"
import type { AxisView } from "./createAxisView"
import { LaneLayer } from "./LaneLayer"
import type { RunAxis } from "./useTimeAxis"

/** Drawn below the rows: lines at the ticks, folded gaps, and bands for periods without the agent. */
export function AxisLines({ view, axis }: { view: AxisView; axis: RunAxis }) {
  const { runId } = useRunPageStore()
  const frame = useStore(view.frame)
  const interruptions = useRunSummary(runId)?.interruptions ?? []
  const ticks = useMemo(() => axisTicks(axis.axis, frame, frame.widthPx), [axis.axis, frame])
  return (
    <LaneLayer bind={view.bindLane}>
      {interruptions.map(({ from, to }) => (
        <span
          key={from}
          data-interruption=""
          className={cx(styles.span, styles.interruption, "inset-y-0 min-w-0.5")}
          style={axisStyle({
            start: toAxis(axis.axis, timeMs(from) ?? 0),
            end: toAxis(axis.axis, timeMs(to) ?? 0),
          })}
        />
      ))}
      {ticks.map((tick) => (
        <span
          key={tick.afterMs}
          className={cx(styles.mark, "w-px bg-line/70")}
          style={axisStyle({ start: tick.position })}
        />
      ))}
      {axis.axis.folds.map((fold) => (
        <span
          key={fold.realFrom}
          className={cx(styles.span, "inset-y-0 min-w-1.5 bg-line/60")}
          style={axisStyle({ start: fold.from, end: fold.to })}
        />
      ))}
    </LaneLayer>
  )
}
