"use client"

import { useMemo } from "react"
import { useStore } from "zustand"
import { placed } from "@/components/run/timeline/TimelineBar"
import styles from "@/components/run/timeline/timeline.module.css"
import { cx } from "@/components/ui/cx"
import { axisTicks } from "@/lib/timeline/axis/axisTicks"
import type { AxisView } from "./createAxisView"
import { LaneLayer } from "./LaneLayer"
import type { RunAxis } from "./useTimeAxis"

/** Under the rows: where the ticks are, and which stretches are folded. */
export function AxisLines({ view, axis }: { view: AxisView; axis: RunAxis }) {
  const frame = useStore(view.frame)
  const ticks = useMemo(() => axisTicks(axis.axis, frame, frame.widthPx), [axis.axis, frame])
  return (
    <LaneLayer bind={view.bindLane}>
      {ticks.map((tick) => (
        <span
          key={tick.afterMs}
          className={cx(styles.mark, "w-px bg-line/70")}
          style={placed({ s: tick.position })}
        />
      ))}
      {axis.axis.folds.map((fold) => (
        <span
          key={fold.realFrom}
          className={cx(styles.span, "inset-y-0 min-w-1.5 bg-line/60")}
          style={placed({ s: fold.from, e: fold.to })}
        />
      ))}
    </LaneLayer>
  )
}
