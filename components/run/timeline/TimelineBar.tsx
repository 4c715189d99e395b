import type { CSSProperties } from "react"
import { cx } from "@/components/ui/cx"
import { KIND_BARS } from "@/components/ui/KindMark"
import type { TurnOutline } from "@/lib/protocol/turn"
import { type TimeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { turnSpan } from "@/lib/timeline/rows/turnSpan"
import styles from "./timeline.module.css"

/** Places on the axis as the variables that a bar is laid out by. */
export function placed(places: { s?: number; e?: number }): CSSProperties {
  const style: Record<string, number> = {}
  if (places.s !== undefined) style["--s"] = places.s
  if (places.e !== undefined) style["--e"] = places.e
  return style
}

/** When a turn was made, on the shared axis: colour is its kind, a vermilion edge an error. */
export function TimelineBar({ outline, axis }: { outline: TurnOutline; axis: TimeAxis }) {
  const span = turnSpan(outline)
  if (span === undefined) return null
  return (
    <span
      data-bar=""
      className={cx(styles.bar, KIND_BARS[outline.kind], outline.error && "border-r-2 border-error")}
      style={placed({ s: toAxis(axis, span.start), e: toAxis(axis, span.end) })}
    />
  )
}
