import { type TimeAxis, toAxis } from "@/lib/timeline/axis/timeAxis"
import { forEachSpan, type TurnSpan } from "@/lib/timeline/rows/turnSpan"
import type { OutlineList } from "@/lib/trace/view/OutlineList"

/** What the minimap is drawn over: time, or the turns one after the other where times say nothing. */
export type MinimapScale =
  | { readonly kind: "time"; readonly axis: TimeAxis; readonly length: number }
  | { readonly kind: "turns"; readonly length: number }

/** At least one in so many turns begins at another time than the one before, or times say nothing. */
const TURNS_PER_TIME = 8

/**
 * Whether the times of the turns `0 … cursor - 1` tell them apart. Those of an import may all be the time of the import, or
 * of its batches.
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

/** Where a turn lies on the scale. */
export function positionOnScale(scale: MinimapScale, index: number, span: TurnSpan): TurnSpan {
  if (scale.kind === "turns") return { start: index, end: index + 1 }
  return { start: toAxis(scale.axis, span.start), end: toAxis(scale.axis, span.end) }
}
