/** Rows drawn beyond those seen, on both sides, while nothing is scrolled. */
const AROUND = 6
/** At most so many are drawn ahead of a scroll, which the drawing would come too late for … */
const AHEAD = 24
/** … as many as pass in this many frames. */
const FRAMES_AHEAD = 3
/** However tall the screen is, hardly more rows than this are in the document. */
const MAX_ROWS = 78

export type SeenRows = { startIndex: number; endIndex: number; count: number }
export type ScrollDirection = "forward" | "backward" | null

/** Tells which rows to draw of those seen (`endIndex` included), in order; it remembers how fast they are scrolled. */
export function createRowsToDraw(): (seen: SeenRows, direction: ScrollDirection) => number[] {
  let start = 0
  let passed = 0
  return (seen, direction) => {
    if (direction === null) passed = 0
    else if (seen.startIndex !== start) passed = Math.abs(seen.startIndex - start)
    start = seen.startIndex
    return rowsToDraw(seen, direction, passed)
  }
}

function rowsToDraw(seen: SeenRows, direction: ScrollDirection, passed: number): number[] {
  const shown = seen.endIndex - seen.startIndex + 1
  const spare = MAX_ROWS - shown
  // Where no row stays from one frame to the next, what is drawn ahead is thrown away.
  const around = Math.max(1, passed > shown ? 1 : Math.min(AROUND, Math.floor(spare / 2)))
  const wanted = passed > shown ? 1 : Math.min(AHEAD, passed * FRAMES_AHEAD)
  const ahead = Math.max(around, Math.min(wanted, spare - around))
  const from = Math.max(0, seen.startIndex - (direction === "backward" ? ahead : around))
  const to = Math.min(seen.count - 1, seen.endIndex + (direction === "forward" ? ahead : around))
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, at) => from + at)
}
