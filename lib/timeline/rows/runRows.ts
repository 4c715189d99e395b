/** A row of a timeline: a turn of the run, or of a child run that is expanded below it. */
export type RunRow = { readonly runId: string; readonly index: number; readonly depth: number }

/** Consecutive rows of one run: its turns from `index` on, starting at row `firstRow`. */
type RowRange = RunRow & { readonly firstRow: number; readonly count: number }

/** The rows of a run with its expanded child runs in place. */
export type RunRows = { readonly count: number; readonly ranges: readonly RowRange[] }

/** How many turns a run has, and which child runs are expanded under which turn. */
export type RowSource = {
  readonly cursor: number
  readonly expandedAt: ReadonlyMap<number, readonly string[]>
}

const MAX_DEPTH = 8

/**
 * Lays out the rows of a run. An expanded child run comes below its turn, indented one level. A run nested inside itself
 * or deeper than 8 levels is left out.
 */
export function runRows(runId: string, sourceOf: (runId: string) => RowSource | undefined): RunRows {
  const ranges: RowRange[] = []
  let count = 0
  const addTurns = (id: string, index: number, depth: number, turns: number) => {
    if (turns <= 0) return
    ranges.push({ runId: id, index, depth, firstRow: count, count: turns })
    count += turns
  }
  const addRun = (id: string, depth: number, ancestors: ReadonlySet<string>) => {
    const source = sourceOf(id)
    if (source === undefined || depth > MAX_DEPTH || ancestors.has(id)) return
    const path = new Set(ancestors).add(id)
    let next = 0
    for (const index of [...source.expandedAt.keys()].sort((a, b) => a - b)) {
      if (index < 0 || index >= source.cursor) continue
      addTurns(id, next, depth, index + 1 - next)
      next = index + 1
      for (const child of source.expandedAt.get(index) ?? []) addRun(child, depth + 1, path)
    }
    addTurns(id, next, depth, source.cursor - next)
  }
  addRun(runId, 0, new Set())
  return { count, ranges }
}

/** The row with this number, counted from 0; undefined out of range. */
export function rowAt(rows: RunRows, rowNumber: number): RunRow | undefined {
  const range = lastRangeBefore(rows.ranges, rowNumber)
  if (range === undefined || rowNumber >= range.firstRow + range.count) return undefined
  return { runId: range.runId, index: range.index + rowNumber - range.firstRow, depth: range.depth }
}

/** The number of a turn's row; undefined while the turn isn't shown. */
export function rowNumberOf(rows: RunRows, turn: { runId: string; index: number }): number | undefined {
  for (const range of rows.ranges) {
    const offset = turn.index - range.index
    if (range.runId === turn.runId && offset >= 0 && offset < range.count) return range.firstRow + offset
  }
  return undefined
}

function lastRangeBefore(ranges: readonly RowRange[], rowNumber: number): RowRange | undefined {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((ranges[middle]?.firstRow ?? 0) <= rowNumber) low = middle + 1
    else high = middle
  }
  return ranges[low - 1]
}
