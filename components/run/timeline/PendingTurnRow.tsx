// biome-ignore-all lint/a11y/useSemanticElements: the rows of a virtual grid stand at places of their own, as a table's rows can't
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid has the focus and names the selected row; rows come and go with the scroll
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the page's keys do what a click does
"use client"

import { cx } from "@/components/ui/cx"
import { KIND_BARS, KindMark } from "@/components/ui/KindMark"
import { plainLine } from "@/components/ui/text/plainLine"
import { oneLine } from "@/components/ui/text/showControls"
import { useServerNow } from "@/lib/live/hooks/useConnection"
import { useProgress } from "@/lib/live/hooks/useFollowedRun"
import type { Progress } from "@/lib/protocol/run"
import { TURN_KINDS, type TurnKind } from "@/lib/protocol/words"
import { type TimeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { elapsedText } from "@/lib/timeline/formatNumber"
import type { BindLane } from "./axis/createAxisView"
import { progressTitle } from "./progressTitle"
import { placed } from "./TimelineBar"
import styles from "./timeline.module.css"

export type PendingTurnRowProps = {
  runId: string
  axis: TimeAxis
  bindLane: BindLane
  selected: boolean
  /** When the turn before was recorded, in milliseconds since 1970. */
  sinceMs: number
  onSelect: (runId: string, index: number) => void
}

/** The turn being made. It is drawn from progress alone, so it is gone with it. */
export function PendingTurnRow({ runId, axis, bindLane, selected, sinceMs, onSelect }: PendingTurnRowProps) {
  const made = useProgress(runId)
  if (made === undefined) return null
  const kind = progressKind(made.progress)
  const startMs = progressStart(made.progress) ?? sinceMs
  const waits = made.progress.waiting_for !== undefined
  return (
    <div
      role="row"
      data-turn="progress"
      aria-selected={selected}
      onClick={() => onSelect(runId, made.index)}
      className={cx(
        styles.grid,
        "relative h-full cursor-default border-b border-line/60 bg-surface select-none",
        selected && "bg-selected",
      )}
    >
      <span role="gridcell" className="num pr-2 text-right text-ink-3">
        {made.index}
      </span>
      <span role="gridcell" className="flex items-center">
        <KindMark kind={kind} bare />
      </span>
      <GhostTitle progress={made.progress} />
      <span ref={bindLane} role="gridcell" className={styles.lane}>
        <span
          data-bar=""
          className={cx(styles.bar, styles.running, waits ? "bg-waiting" : KIND_BARS[kind], "opacity-70")}
          style={placed({ s: toAxis(axis, startMs) })}
        />
      </span>
      <span role="gridcell" className={cx("num pr-2 text-right", waits ? "text-waiting" : "text-working")}>
        <Ticking startMs={startMs} />
      </span>
      <span role="gridcell" />
    </div>
  )
}

function GhostTitle({ progress }: { progress: Progress }) {
  const { head, rest } = progressTitle(progress)
  return (
    <span role="gridcell" className="flex min-w-0 items-center gap-1.5">
      {head === "" ? null : <span className="num shrink-0 font-medium">{head}</span>}
      <span className={cx("min-w-0 truncate", progress.waiting_for ? "text-waiting" : "text-ink-2")}>
        {head === "" ? plainLine(rest, 600) : oneLine(rest, 600)}
      </span>
    </span>
  )
}

function Ticking({ startMs }: { startMs: number }) {
  const now = useServerNow(1_000)
  return elapsedText(Math.max(0, now - startMs))
}

/** The kind of what is being made, as a turn of it would have. */
export function progressKind(progress: Progress): TurnKind {
  const known = TURN_KINDS.find((kind) => kind === progress.kind)
  return known ?? (progress.tool === undefined ? "model" : "tool")
}

function progressStart(progress: Progress): number | undefined {
  const ms = progress.started_at === undefined ? Number.NaN : Date.parse(progress.started_at)
  return Number.isNaN(ms) ? undefined : ms
}
