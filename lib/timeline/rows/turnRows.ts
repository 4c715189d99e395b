import type { RepeatedTurns, TurnList } from "./turnList"

/** A row of a timeline: a turn of the run, or of a child run that is expanded below it. */
export type TurnRow = {
  readonly runId: string
  /** The turn, or the first of several turns. */
  readonly index: number
  readonly depth: number
  readonly repeat: RepeatedTurns | undefined
}

/** Consecutive rows of one run: the rows of `list` starting at `listRow`, shown starting at row `firstRow`. */
type RowRange = {
  readonly runId: string
  readonly depth: number
  readonly list: TurnList
  readonly listRow: number
  readonly firstRow: number
  readonly count: number
}

/** The rows of a run, including those of its expanded child runs. */
export type TurnRows = { readonly count: number; readonly ranges: readonly RowRange[] }

/** The visible turns of a run, and the child runs that are expanded below each turn. */
export type RowSource = {
  readonly list: TurnList
  readonly expandedAt: ReadonlyMap<number, readonly string[]>
}

const MAX_DEPTH = 8

/**
 * Lays out the rows of a run. An expanded child run is placed below its turn, indented by one level. A run that is
 * nested inside itself or deeper than 8 levels is omitted.
 */
export function turnRows(runId: string, sourceOf: (runId: string) => RowSource | undefined): TurnRows {
  const ranges: RowRange[] = []
  let count = 0
  const addRows = (id: string, list: TurnList, listRow: number, depth: number, rows: number) => {
    if (rows <= 0) return
    ranges.push({ runId: id, list, listRow, depth, firstRow: count, count: rows })
    count += rows
  }
  const addRun = (id: string, depth: number, ancestors: ReadonlySet<string>) => {
    const source = sourceOf(id)
    if (source === undefined || depth > MAX_DEPTH || ancestors.has(id)) return
    const path = new Set(ancestors).add(id)
    let next = 0
    for (const [row, children] of expandedRows(source)) {
      addRows(id, source.list, next, depth, row + 1 - next)
      next = row + 1
      for (const child of children) addRun(child, depth + 1, path)
    }
    addRows(id, source.list, next, depth, source.list.count - next)
  }
  addRun(runId, 0, new Set())
  return { count, ranges }
}

/** Returns the rows with expanded child runs, in order. A turn that the list doesn't show has no row. */
function expandedRows({ list, expandedAt }: RowSource): [row: number, children: readonly string[]][] {
  const rows = [...expandedAt].flatMap(([index, children]): [number, readonly string[]][] => {
    const row = list.rowOf(index)
    return row === undefined ? [] : [[row, children]]
  })
  return rows.sort(([a], [b]) => a - b)
}

/** Returns the row with this number, counted from 0, or undefined if out of range. */
export function rowAt(rows: TurnRows, rowNumber: number): TurnRow | undefined {
  const range = lastRangeBefore(rows.ranges, rowNumber)
  if (range === undefined || rowNumber < 0 || rowNumber >= range.firstRow + range.count) return undefined
  const { runId, depth, list } = range
  const row = range.listRow + rowNumber - range.firstRow
  return { runId, depth, index: list.indexAt(row), repeat: list.repeatAt(row) }
}

/** Returns the turns that a row shows: more than one if it is folded. */
export function turnsOfRow(rows: TurnRows, rowNumber: number): readonly number[] {
  const range = lastRangeBefore(rows.ranges, rowNumber)
  return range === undefined ? [] : range.list.turnsAt(range.listRow + rowNumber - range.firstRow)
}

/** Returns the number of the row that shows a turn, or undefined if it isn't shown. */
export function rowNumberOf(rows: TurnRows, turn: { runId: string; index: number }): number | undefined {
  for (const range of rows.ranges) {
    if (range.runId !== turn.runId) continue
    const row = range.list.rowOf(turn.index)
    if (row === undefined) return undefined
    const offset = row - range.listRow
    if (offset >= 0 && offset < range.count) return range.firstRow + offset
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
