import { placeOfPair } from "@/components/compare/createComparer"
import type { ComparedTurn, DifferenceGrade } from "@/lib/timeline/compare/compareTurns"
import { allRows, type ComparedRow, foldEqual, rowOfLine } from "@/lib/timeline/compare/foldEqual"

/** Row heights in pixels: of a line with one turn, of a line with two turns, and of a fold. */
export type RowHeights = { one: number; both: number; fold: number }

/** The visible rows and their positions. */
export type RowLayout = {
  lines: readonly ComparedTurn[]
  rows: readonly ComparedRow[]
  /** `tops[n]` is the offset of row `n`; the last entry is the total height. */
  tops: readonly number[]
}

/** Computes the rows of the given lines and their offsets. */
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

/** Returns the index of the row at an offset in pixels. */
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

/** Returns the scroll offset at which row `anchor` of the old layout keeps its screen position in the new layout. */
export function anchoredTop(before: RowLayout, after: RowLayout, anchor: number, scrollTop: number): number {
  const row = before.rows[anchor]
  const line = row === undefined ? undefined : before.lines[row.place]
  const place = placeOfPair(after.lines, line)
  if (place < 0) return scrollTop
  const now = after.tops[rowOfLine(after.rows, place)] ?? 0
  return scrollTop + now - (before.tops[anchor] ?? 0)
}
