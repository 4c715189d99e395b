import type { TurnOutline } from "@/lib/protocol/turn"
import { type OutlineList, outlineAt } from "@/lib/trace/view/OutlineList"

/** The next turn before (`step` -1) or after (`step` 1) `from` that is wanted, going round once; undefined if there is none. */
export function stepTurns(
  outlines: OutlineList,
  cursor: number,
  from: number,
  step: 1 | -1,
  wanted: (outline: TurnOutline) => boolean,
): number | undefined {
  for (let distance = 1; distance <= cursor; distance++) {
    const index = (((from + step * distance) % cursor) + cursor) % cursor
    const outline = outlineAt(outlines, index)
    if (outline !== undefined && wanted(outline)) return index
  }
  return undefined
}

/** The turns whose title holds the words, whatever the case, in order. No words, no turns. */
export function findTitles(outlines: OutlineList, cursor: number, query: string): number[] {
  const needle = query.trim().toLowerCase()
  if (needle === "") return []
  const found: number[] = []
  for (let index = 0; index < cursor; index++) {
    if (outlineAt(outlines, index)?.title.toLowerCase().includes(needle)) found.push(index)
  }
  return found
}
