import { type TimeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { forEachSpan, type TurnSpan } from "@/lib/timeline/rows/turnSpan"
import type { OutlineList } from "@/lib/trace/view/OutlineList"

/** The horizontal scale of the minimap: time, or the turns' order if they have no distinct times. */
export type MinimapScale =
  | { readonly kind: "time"; readonly axis: TimeAxis; readonly length: number }
  | { readonly kind: "turns"; readonly length: number }

/** Times are distinct if at least one in this many turns starts at a different time than the turn before. */
const TURNS_PER_TIME = 3

/**
 * Returns true if the turns `0 … cursor - 1` have distinct times. The turns of an import may all have the time of the
 * import, or of its batches.
 */
export function hasDistinctTimes(outlines: OutlineList, cursor: number): boolean {
  let known = 0
  let times = 0
  let before: number | undefined
  forEachSpan(outlines, cursor, ({ duration_ms }, { start }) => {
    known++
    if (start !== before || (duration_ms ?? 0) > 0) times++
    before = start
  })
  return known <= 1 || times > Math.max(1, known / TURNS_PER_TIME)
}

/** Returns the position of a turn on the scale. */
export function positionOnScale(scale: MinimapScale, index: number, span: TurnSpan): TurnSpan {
  if (scale.kind === "turns") return { start: index, end: index + 1 }
  return { start: toAxis(scale.axis, span.start), end: toAxis(scale.axis, span.end) }
}
