import { type ComparedTurn, type DifferenceGrade, differs } from "./compareTurns"

/** A row of a comparison: a line by its place, or `count` equal lines from `place` on that are folded away. */
export type ComparedRow =
  | { readonly row: "line"; readonly place: number }
  | { readonly row: "fold"; readonly place: number; readonly count: number }

/** Equal lines that stay beside each difference, so that it can be read. */
const AROUND = 2
/** A fold takes a row itself: fewer lines than this are shown. */
const LEAST = 4

/** Lays out a comparison with its stretches of equal lines folded, but for those that were opened (by the place of their first line). */
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
    const from = at === 0 ? 0 : at + AROUND
    const to = end === lines.length ? end : end - AROUND
    if (to - from < LEAST || opened.has(from)) show(at, end)
    else {
      show(at, from)
      rows.push({ row: "fold", place: from, count: to - from })
      show(to, end)
    }
    at = end
  }
  return rows
}

/** Every line as a row. */
export function allRows(lines: readonly ComparedTurn[]): ComparedRow[] {
  return lines.map((_, place) => ({ row: "line", place }))
}

/** Where a line stands among the rows: at its own, or at the fold that holds it. -1 where there is none. */
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
