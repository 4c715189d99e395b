import { type OutlineList, outlineAt } from "@/lib/trace/view/OutlineList"
import { forEachSpan, turnSpan } from "./turnSpan"

type Turns = { readonly outlines: OutlineList; readonly cursor: number }

/** Returns the turn that was running at `ms`, else the last one that started before, else the first turn. */
export function turnAt({ outlines, cursor }: Turns, ms: number): number | undefined {
  let found = cursor > 0 ? 0 : undefined
  forEachSpan(outlines, cursor, (outline, span) => {
    if (span.start <= ms) found = outline.index
  })
  return found
}

/** Returns a run's cursor at `ms`: one past the last turn that had ended by then. */
export function cursorAtTime({ outlines, cursor }: Turns, ms: number): number {
  let found = 0
  forEachSpan(outlines, cursor, (outline, span) => {
    if (span.end <= ms) found = outline.index + 1
  })
  return found
}

/** Returns when the run reached a cursor: the end of the preceding turn. Undefined for 0 or an unknown time. */
export function cursorTime(outlines: OutlineList, cursor: number): number | undefined {
  const outline = cursor > 0 ? outlineAt(outlines, cursor - 1) : undefined
  return outline === undefined ? undefined : turnSpan(outline)?.end
}
