// biome-ignore-all lint/a11y/useSemanticElements: rows of a virtual grid are positioned individually, which table rows can't be
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the selected row; rows are mounted and unmounted while scrolling
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the page's keyboard shortcuts do what a click does
"use client"

import { cx } from "@/components/ui/cx"
import { KIND_BARS, KindMark } from "@/components/ui/state/KindMark"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { useProgress } from "@/lib/live/hooks/useFollowedRun"
import type { Progress } from "@/lib/protocol/run"
import { type TimeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { elapsedText } from "@/lib/trace/formatNumber"
import { timeMs } from "@/lib/trace/state/runState"
import type { BindLane } from "./axis/createAxisView"
import { pendingKind, pendingTitle } from "./pendingTurn"
import { axisStyle } from "./TimelineBar"
import styles from "./timeline.module.css"

export type PendingTurnRowProps = {
  runId: string
  axis: TimeAxis
  bindLane: BindLane
  selected: boolean
  /** When the previous turn was recorded, in milliseconds since 1970. */
  sinceMs: number
  onSelect: (runId: string, index: number) => void
}

/** The pending turn. It isn't stored: only the run's progress describes it. */
export function PendingTurnRow({ runId, axis, bindLane, selected, sinceMs, onSelect }: PendingTurnRowProps) {
  const pending = useProgress(runId)
  if (pending === undefined) return null
  const { index, progress } = pending
  const kind = pendingKind(progress)
  const startMs = timeMs(progress.started_at) ?? sinceMs
  const isWaiting = progress.waiting_for !== undefined
  return (
    <div
      role="row"
      data-turn="progress"
      aria-selected={selected}
      onClick={() => onSelect(runId, index)}
      className={cx(
        styles.grid,
        "relative h-full cursor-default border-b border-line/60 bg-surface select-none",
        selected && "bg-selected",
      )}
    >
      <span role="gridcell" className="num pr-2 text-right text-ink-3">
        {index}
      </span>
      <span role="gridcell" className="flex items-center">
        <KindMark kind={kind} bare />
      </span>
      <PendingTitle progress={progress} />
      <span ref={bindLane} role="gridcell" className={styles.lane}>
        <span
          data-bar=""
          className={cx(styles.bar, styles.running, isWaiting ? "bg-waiting" : KIND_BARS[kind], "opacity-70")}
          style={axisStyle({ start: toAxis(axis, startMs) })}
        />
      </span>
      <span
        role="gridcell"
        className={cx("num pr-2 text-right", isWaiting ? "text-waiting" : "text-working")}
      >
        <RunningTime startMs={startMs} />
      </span>
      <span role="gridcell" />
    </div>
  )
}

function PendingTitle({ progress }: { progress: Progress }) {
  const { tool, rest } = pendingTitle(progress)
  return (
    <span role="gridcell" className="flex min-w-0 items-center gap-1.5">
      {tool === "" ? null : <span className="num shrink-0 font-medium">{tool}</span>}
      <span className={cx("min-w-0 truncate", progress.waiting_for ? "text-waiting" : "text-ink-2")}>
        <bdi>{tool === "" ? plainLine(rest, 600) : oneLine(rest, 600)}</bdi>
      </span>
    </span>
  )
}

function RunningTime({ startMs }: { startMs: number }) {
  const now = useServerNow(1_000)
  return elapsedText(Math.max(0, now - startMs))
}
