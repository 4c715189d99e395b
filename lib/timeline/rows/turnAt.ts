import { type OutlineList, outlineAt } from "@/lib/trace/view/OutlineList"
import { forEachSpan, turnSpan } from "./turnSpan"

type Turns = { readonly outlines: OutlineList; readonly cursor: number }

/** The turn that was running at a time, or else the last one that started before. The first turn for earlier times; undefined without turns. */
export function turnAt({ outlines, cursor }: Turns, ms: number): number | undefined {
  let found = cursor > 0 ? 0 : undefined
  forEachSpan(outlines, cursor, (outline, span) => {
    if (span.start <= ms) found = outline.index
  })
  return found
}

/** A run's cursor at a time: one past the last turn that had ended by then. */
export function cursorAtTime({ outlines, cursor }: Turns, ms: number): number {
  let found = 0
  forEachSpan(outlines, cursor, (outline, span) => {
    if (span.end <= ms) found = outline.index + 1
  })
  return found
}

/** When the run reached a cursor: the end of the turn before it. Undefined for 0 and where the time is unknown. */
export function cursorTime(outlines: OutlineList, cursor: number): number | undefined {
  const outline = cursor > 0 ? outlineAt(outlines, cursor - 1) : undefined
  return outline === undefined ? undefined : turnSpan(outline)?.end
}
