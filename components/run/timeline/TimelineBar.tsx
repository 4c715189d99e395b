import type { CSSProperties } from "react"
import { cx } from "@/components/ui/cx"
import { KIND_BARS } from "@/components/ui/state/KindMark"
import type { TurnOutline } from "@/lib/protocol/turn"
import { type TimeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { turnSpan } from "@/lib/timeline/rows/turnSpan"
import styles from "./timeline.module.css"

/** Positions on the axis as CSS variables: the start and, for a bar, the end. */
export function axisStyle({ start, end }: { start?: number; end?: number }): CSSProperties {
  const style: Record<string, number> = {}
  if (start !== undefined) style["--start"] = start
  if (end !== undefined) style["--end"] = end
  return style
}

export type TimelineBarProps = {
  outline: TurnOutline
  /** The last of the turns that the row represents. */
  last?: TurnOutline | undefined
  axis: TimeAxis
}

/** Shows when a turn took place, on the shared axis. The color shows the turn's kind; a red edge marks an error. */
export function TimelineBar({ outline, last = outline, axis }: TimelineBarProps) {
  const span = turnSpan(outline)
  const lastSpan = turnSpan(last)
  if (span === undefined || lastSpan === undefined) return null
  return (
    <span
      data-bar=""
      className={cx(
        styles.bar,
        KIND_BARS[outline.kind],
        outline.error && "border-r-2 border-error",
        last !== outline && "opacity-50",
      )}
      style={axisStyle({
        start: toAxis(axis, span.start),
        end: toAxis(axis, Math.max(span.end, lastSpan.end)),
      })}
    />
  )
}
