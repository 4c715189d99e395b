/** A row of a timeline: a turn of the run, or of a child run that is open under it. */
export type RunRow = { readonly runId: string; readonly index: number; readonly depth: number }

/** Rows of one run that stand together: its turns `index …`, from row `at` on. */
type Stretch = RunRow & { readonly at: number; readonly count: number }

/** The rows of a run with its open child runs in place. */
export type RunRows = { readonly count: number; readonly stretches: readonly Stretch[] }

/** What rows are made of: how many turns a run has, and which child runs are open under which turn. */
export type RowSource = {
  readonly cursor: number
  readonly openAt: ReadonlyMap<number, readonly string[]>
}

const MAX_DEPTH = 8

/**
 * Lays out the rows of a run. A child run stands under the turn that it is open at, one step in; a run that is open
 * inside itself, or deeper than 8, is left out.
 */
export function runRows(runId: string, sourceOf: (runId: string) => RowSource | undefined): RunRows {
  const stretches: Stretch[] = []
  let count = 0
  const put = (id: string, index: number, depth: number, turns: number) => {
    if (turns <= 0) return
    stretches.push({ runId: id, index, depth, at: count, count: turns })
    count += turns
  }
  const lay = (id: string, depth: number, above: ReadonlySet<string>) => {
    const source = sourceOf(id)
    if (source === undefined || depth > MAX_DEPTH || above.has(id)) return
    const within = new Set(above).add(id)
    let done = 0
    for (const index of [...source.openAt.keys()].sort((a, b) => a - b)) {
      if (index < 0 || index >= source.cursor) continue
      put(id, done, depth, index + 1 - done)
      done = index + 1
      for (const child of source.openAt.get(index) ?? []) lay(child, depth + 1, within)
    }
    put(id, done, depth, source.cursor - done)
  }
  lay(runId, 0, new Set())
  return { count, stretches }
}

/** The row at a place from 0 on; undefined outside. */
export function rowAt(rows: RunRows, place: number): RunRow | undefined {
  const stretch = lastStretch(rows.stretches, (candidate) => candidate.at <= place)
  if (stretch === undefined || place >= stretch.at + stretch.count) return undefined
  return { runId: stretch.runId, index: stretch.index + place - stretch.at, depth: stretch.depth }
}

/** The place of a turn among the rows; undefined while it is not shown. */
export function placeOf(rows: RunRows, turn: { runId: string; index: number }): number | undefined {
  for (const stretch of rows.stretches) {
    const offset = turn.index - stretch.index
    if (stretch.runId === turn.runId && offset >= 0 && offset < stretch.count) return stretch.at + offset
  }
  return undefined
}

function lastStretch(
  stretches: readonly Stretch[],
  fits: (stretch: Stretch) => boolean,
): Stretch | undefined {
  let low = 0
  let high = stretches.length
  while (low < high) {
    const middle = (low + high) >> 1
    const stretch = stretches[middle]
    if (stretch !== undefined && fits(stretch)) low = middle + 1
    else high = middle
  }
  return stretches[low - 1]
}
