import { type OutlineList, outlineAt } from "@/lib/trace/view/OutlineList"
import { eachSpan, turnSpan } from "./turnSpan"

type Turns = { readonly outlines: OutlineList; readonly cursor: number }

/** The turn that was being made at a time, or the last one before; the first one before any, undefined without turns. */
export function turnAt({ outlines, cursor }: Turns, ms: number): number | undefined {
  let found = cursor > 0 ? 0 : undefined
  eachSpan(outlines, cursor, (outline, span) => {
    if (span.start <= ms) found = outline.index
  })
  return found
}

/** A run's cursor as of a time of its axis: every turn up to the last that had ended by then. */
export function cursorBy({ outlines, cursor }: Turns, ms: number): number {
  let found = 0
  eachSpan(outlines, cursor, (outline, span) => {
    if (span.end <= ms) found = outline.index + 1
  })
  return found
}

/** When the run had come to a cursor: the end of the turn before it. Undefined for 0 and where no time is known. */
export function timeOfCursor(outlines: OutlineList, cursor: number): number | undefined {
  const outline = cursor > 0 ? outlineAt(outlines, cursor - 1) : undefined
  return outline === undefined ? undefined : turnSpan(outline)?.end
}
