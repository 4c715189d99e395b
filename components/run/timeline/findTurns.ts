import type { TurnOutline } from "@/lib/protocol/turn"
import { type OutlineList, outlineAt } from "@/lib/trace/view/OutlineList"

/** Returns the next (`step` 1) or previous (-1) matching turn, wrapping around once; undefined if there is none. */
export function findNextTurn(
  outlines: OutlineList,
  cursor: number,
  from: number,
  step: 1 | -1,
  matches: (outline: TurnOutline) => boolean,
): number | undefined {
  for (let distance = 1; distance <= cursor; distance++) {
    const index = (((from + step * distance) % cursor) + cursor) % cursor
    const outline = outlineAt(outlines, index)
    if (outline !== undefined && matches(outline)) return index
  }
  return undefined
}
