/** A part of a string as UTF-16 offsets: `[start, end)`. */
export type TextRange = [start: number, end: number]

/** Finds a folded term in a folded string, in order and without overlaps. Returns at most `limit` places. */
export function findPlaces(text: string, term: string, limit: number): TextRange[] {
  const places: TextRange[] = []
  for (
    let at = text.indexOf(term);
    at >= 0 && places.length < limit;
    at = text.indexOf(term, at + term.length)
  )
    places.push([at, at + term.length])
  return places
}

/** Merges ranges that overlap or touch, in order. */
export function mergeRanges(ranges: readonly TextRange[]): TextRange[] {
  const merged: TextRange[] = []
  for (const [start, end] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1)
    if (last !== undefined && start < last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}
