/** Rows rendered before and after the visible ones while nothing scrolls. */
const OVERSCAN = 6
/** While scrolling, more rows are rendered ahead: as many as pass by in a few frames. */
const MAX_AHEAD = 24
const FRAMES_AHEAD = 3
/** Maximum number of rows in the document, unless the screen is taller. */
const MAX_ROWS = 78

export type VisibleRows = { startIndex: number; endIndex: number; count: number }
export type ScrollDirection = "forward" | "backward" | null

/** Returns a function that selects the rows to render, depending on the scroll speed. `endIndex` is inclusive. */
export function createOverscan(): (visible: VisibleRows, direction: ScrollDirection) => number[] {
  let start = 0
  let passed = 0
  return (visible, direction) => {
    if (direction === null) passed = 0
    else if (visible.startIndex !== start) passed = Math.abs(visible.startIndex - start)
    start = visible.startIndex
    return rowsToRender(visible, direction, passed)
  }
}

function rowsToRender(visible: VisibleRows, direction: ScrollDirection, passed: number): number[] {
  const shown = visible.endIndex - visible.startIndex + 1
  const spare = MAX_ROWS - shown
  // If no row stays visible from one frame to the next, rows rendered ahead are wasted.
  const isFast = passed > shown
  const around = Math.max(1, isFast ? 1 : Math.min(OVERSCAN, Math.floor(spare / 2)))
  const needed = isFast ? 1 : Math.min(MAX_AHEAD, passed * FRAMES_AHEAD)
  const ahead = Math.max(around, Math.min(needed, spare - around))
  const from = Math.max(0, visible.startIndex - (direction === "backward" ? ahead : around))
  const to = Math.min(visible.count - 1, visible.endIndex + (direction === "forward" ? ahead : around))
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, offset) => from + offset)
}
