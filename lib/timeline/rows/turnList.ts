import type { TurnOutline } from "@/lib/protocol/turn"
import { turnCost } from "@/lib/trace/turnCost"
import { type OutlineList, outlineAt } from "@/lib/trace/view/OutlineList"
import { isRepeat, repeatsAt } from "./repeatedTurns"

/** Orders other than the chronological one: most expensive or slowest turns first. */
export const TURN_SORTS = ["cost", "duration"] as const
export type TurnSort = (typeof TURN_SORTS)[number]

export function isTurnSort(text: string): text is TurnSort {
  return TURN_SORTS.some((sort) => sort === text)
}

/** Turns that are folded into one row. */
export type RepeatedTurns = {
  /** The number of turns. */
  readonly turns: number
  /** The number of turns in the repeated cycle: 1 if a single turn repeats. */
  readonly cycle: number
  /** True if the turns are shown one by one. */
  readonly isExpanded: boolean
}

/** The turns of a run that are shown, as rows. */
export type TurnList = {
  /** The number of rows. */
  readonly count: number
  /** The turns that are shown, including folded ones, in the order of the rows. */
  readonly indices: Int32Array
  /** Returns the turns of a row, in order. */
  turnsAt(row: number): readonly number[]
  /** Returns the first turn of a row. */
  indexAt(row: number): number
  /** Returns the repeat that starts with a row, if any. */
  repeatAt(row: number): RepeatedTurns | undefined
  /** Returns the row that shows a turn, or undefined if the filter hides it. */
  rowOf(index: number): number | undefined
}

export type TurnListOptions = {
  /** Undefined: all turns. */
  readonly matches?: ((outline: TurnOutline) => boolean) | undefined
  readonly sort?: TurnSort | undefined
  /** First turns of repeats that are expanded. */
  readonly expanded?: ReadonlySet<number>
  /** Cycles are folded only if they end before this turn. Folding them later would move visible rows. */
  readonly cyclesBefore?: number
}

const NONE: ReadonlySet<number> = new Set()

/** Lists the matching turns of `0 … cursor - 1`, with consecutive equal turns folded into one row. */
export function turnList(outlines: OutlineList, cursor: number, options: TurnListOptions = {}): TurnList {
  const { matches, sort } = options
  const indices = matchingTurns(outlines, cursor, matches)
  if (sort !== undefined) return plainList(sortTurns(outlines, indices, sort))
  return foldedList(outlines, indices, options.expanded ?? NONE, options.cyclesBefore ?? cursor)
}

function matchingTurns(
  outlines: OutlineList,
  cursor: number,
  matches: TurnListOptions["matches"],
): Int32Array {
  const indices = new Int32Array(Math.max(0, cursor))
  let count = 0
  for (let index = 0; index < cursor; index++) {
    if (matches !== undefined) {
      const outline = outlineAt(outlines, index)
      if (outline === undefined || !matches(outline)) continue
    }
    indices[count++] = index
  }
  return indices.subarray(0, count)
}

function sortTurns(outlines: OutlineList, indices: Int32Array, sort: TurnSort): Int32Array {
  const read = (index: number) => {
    const outline = outlineAt(outlines, index)
    if (outline === undefined) return 0
    return (sort === "cost" ? turnCost(outline) : outline.duration_ms) ?? 0
  }
  return indices.filter((index) => read(index) > 0).sort((a, b) => read(b) - read(a) || a - b)
}

function plainList(indices: Int32Array): TurnList {
  return {
    count: indices.length,
    indices,
    turnsAt: (row) => [indices[row] ?? 0],
    indexAt: (row) => indices[row] ?? 0,
    repeatAt: () => undefined,
    rowOf(index) {
      const row = indices.indexOf(index)
      return row === -1 ? undefined : row
    },
  }
}

function foldedList(
  outlines: OutlineList,
  indices: Int32Array,
  expanded: ReadonlySet<number>,
  cyclesBefore: number,
): TurnList {
  // The positions in `indices` at which rows start. A row ends where the next one starts.
  const starts: number[] = []
  const repeats = new Map<number, RepeatedTurns>()
  const outline = (position: number) => outlineAt(outlines, indices[position] ?? -1)
  for (let at = 0; at < indices.length; ) {
    const repeat = repeatsAt(outline, at, indices.length, (end) => (indices[end - 1] ?? 0) < cyclesBefore)
    if (!isRepeat(repeat)) {
      starts.push(at++)
      continue
    }
    const isExpanded = expanded.has(indices[at] ?? -1)
    repeats.set(starts.length, { turns: repeat.length, cycle: repeat.cycle, isExpanded })
    if (isExpanded) for (let turn = 0; turn < repeat.length; turn++) starts.push(at + turn)
    else starts.push(at)
    at += repeat.length
  }
  return {
    count: starts.length,
    indices,
    turnsAt: (row) => [...indices.subarray(starts[row] ?? 0, starts[row + 1] ?? indices.length)],
    indexAt: (row) => indices[starts[row] ?? 0] ?? 0,
    repeatAt: (row) => repeats.get(row),
    rowOf(index) {
      const position = lastAtMost(indices, index)
      return indices[position] === index ? lastAtMost(starts, position) : undefined
    },
  }
}

/** Returns the position of the last of the ascending numbers that is at most `value`, or -1 if there is none. */
function lastAtMost(numbers: ArrayLike<number>, value: number): number {
  let low = 0
  let high = numbers.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((numbers[middle] ?? 0) <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}
