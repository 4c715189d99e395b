import { placeOfPair } from "@/components/compare/createComparer"
import type { ComparedTurn, DifferenceGrade } from "@/lib/timeline/compare/compareTurns"
import { allRows, type ComparedRow, foldEqual, rowOfLine } from "@/lib/timeline/compare/foldEqual"

/** How high rows are, in pixels: a line of one run, of both, and a fold. */
export type RowHeights = { one: number; both: number; fold: number }

/** The rows that are shown, and where each begins. */
export type RowLayout = {
  lines: readonly ComparedTurn[]
  rows: readonly ComparedRow[]
  /** Where row `n` begins; the last entry is where all of them end. */
  tops: readonly number[]
}

/** Lays the lines out. Total: no lines make no rows. */
export function layRows(
  lines: readonly ComparedTurn[],
  folds: { grade: DifferenceGrade; opened: ReadonlySet<number> } | undefined,
  heights: RowHeights,
): RowLayout {
  const rows = folds === undefined ? allRows(lines) : foldEqual(lines, folds.grade, folds.opened)
  const tops = [0]
  for (const row of rows) tops.push((tops.at(-1) ?? 0) + heightOf(row, lines, heights))
  return { lines, rows, tops }
}

function heightOf(row: ComparedRow, lines: readonly ComparedTurn[], heights: RowHeights): number {
  if (row.row === "fold") return heights.fold
  const line = lines[row.place]
  return line?.a !== undefined && line.b !== undefined ? heights.both : heights.one
}

/** The row at a distance from the top, in pixels. */
export function rowAtTop({ tops, rows }: RowLayout, px: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((tops[middle] ?? 0) <= px) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/** Where a scroller must stand in a new layout so that the row at `anchor` of the old one stays at its pixel. */
export function anchoredTop(before: RowLayout, after: RowLayout, anchor: number, scrollTop: number): number {
  const row = before.rows[anchor]
  const line = row === undefined ? undefined : before.lines[row.place]
  const place = placeOfPair(after.lines, line)
  if (place < 0) return scrollTop
  const now = after.tops[rowOfLine(after.rows, place)] ?? 0
  return scrollTop + now - (before.tops[anchor] ?? 0)
}
