import type { IdleGap } from "./idleGaps"

/** A folded gap: `from … to` of the axis (milliseconds since its start, folded), standing for `realMs` of the clock. */
export type AxisFold = {
  readonly from: number
  readonly to: number
  readonly realFrom: number
  readonly realTo: number
}

/** Clock time laid out along a line. With nothing folded a place on the axis is milliseconds since `startMs`. */
export type TimeAxis = { readonly startMs: number; readonly folds: readonly AxisFold[] }

/** A folded gap keeps this share of the time that is not folded. */
const FOLDED_SHARE = 0.025

/** An axis from `startMs` on with the gaps folded; `endMs` bounds how wide a fold is. */
export function timeAxis(startMs: number, endMs: number, gaps: readonly IdleGap[]): TimeAxis {
  const idle = gaps.reduce((sum, gap) => sum + (gap.to - gap.from), 0)
  const width = Math.max(1, (endMs - startMs - idle) * FOLDED_SHARE)
  const folds: AxisFold[] = []
  let saved = 0
  for (const gap of gaps) {
    const from = gap.from - startMs - saved
    const to = from + Math.min(width, gap.to - gap.from)
    folds.push({ from, to, realFrom: gap.from, realTo: gap.to })
    saved += gap.to - gap.from - (to - from)
  }
  return { startMs, folds }
}

/** The place of a clock time on the axis; before the start it is negative. */
export function toAxis(axis: TimeAxis, ms: number): number {
  let saved = 0
  for (const fold of axis.folds) {
    if (ms <= fold.realFrom) break
    if (ms < fold.realTo) {
      const part = (ms - fold.realFrom) / (fold.realTo - fold.realFrom)
      return fold.from + part * (fold.to - fold.from)
    }
    saved += fold.realTo - fold.realFrom - (fold.to - fold.from)
  }
  return ms - axis.startMs - saved
}

/** The clock time at a place of the axis. */
export function fromAxis(axis: TimeAxis, place: number): number {
  let saved = 0
  for (const fold of axis.folds) {
    if (place <= fold.from) break
    if (place < fold.to) {
      const part = (place - fold.from) / (fold.to - fold.from)
      return fold.realFrom + part * (fold.realTo - fold.realFrom)
    }
    saved += fold.realTo - fold.realFrom - (fold.to - fold.from)
  }
  return axis.startMs + place + saved
}
