import { type ComparedTurn, type DifferenceGrade, differs } from "./compareTurns"

/** A row of a comparison: one line, or a fold of `count` equal lines starting with line `place`. */
export type ComparedRow =
  | { readonly row: "line"; readonly place: number }
  | { readonly row: "fold"; readonly place: number; readonly count: number }

/** Equal lines kept as context on each side of a difference. */
const CONTEXT_LINES = 2
/** Fewer equal lines than this aren't folded, because the fold itself takes up a row. */
const MIN_FOLDED = 4

/**
 * Lays out a comparison with equal lines folded, except in expanded folds. `opened` contains the first line of each
 * expanded fold.
 */
export function foldEqual(
  lines: readonly ComparedTurn[],
  grade: DifferenceGrade,
  opened: ReadonlySet<number>,
): ComparedRow[] {
  const rows: ComparedRow[] = []
  const show = (from: number, to: number) => {
    for (let place = from; place < to; place++) rows.push({ row: "line", place })
  }
  let at = 0
  while (at < lines.length) {
    const line = lines[at]
    if (line === undefined || differs(line, grade)) {
      show(at, at + 1)
      at += 1
      continue
    }
    let end = at
    for (let next = lines[end]; next !== undefined && !differs(next, grade); next = lines[end]) end += 1
    const from = at === 0 ? 0 : at + CONTEXT_LINES
    const to = end === lines.length ? end : end - CONTEXT_LINES
    if (to - from < MIN_FOLDED || opened.has(from)) show(at, end)
    else {
      show(at, from)
      rows.push({ row: "fold", place: from, count: to - from })
      show(to, end)
    }
    at = end
  }
  return rows
}

/** Returns every line as a row. */
export function allRows(lines: readonly ComparedTurn[]): ComparedRow[] {
  return lines.map((_, place) => ({ row: "line", place }))
}

/** Returns the number of the row that shows a line or its fold, or -1 if there is none. */
export function rowOfLine(rows: readonly ComparedRow[], place: number): number {
  let low = 0
  let high = rows.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((rows[middle]?.place ?? 0) <= place) low = middle + 1
    else high = middle
  }
  return low - 1
}
