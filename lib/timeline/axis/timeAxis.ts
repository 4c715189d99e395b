import type { IdleGap } from "./idleGaps"

/** A folded gap: the axis range `from … to` represents the clock times `realFrom … realTo`. */
type AxisFold = {
  readonly from: number
  readonly to: number
  readonly realFrom: number
  readonly realTo: number
}

/** Maps clock time to positions on a line. Without folds, a position is the number of milliseconds since `startMs`. */
export type TimeAxis = { readonly startMs: number; readonly folds: readonly AxisFold[] }

/** A folded gap takes up this share of the remaining time. */
const FOLD_SHARE = 0.025

/** Creates an axis that starts at `startMs`, with the gaps folded. `endMs` determines the width of a fold. */
export function timeAxis(startMs: number, endMs: number, gaps: readonly IdleGap[]): TimeAxis {
  const idle = gaps.reduce((sum, gap) => sum + (gap.to - gap.from), 0)
  const width = Math.max(1, (endMs - startMs - idle) * FOLD_SHARE)
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

/** Converts a clock time to a position, which is negative before the start. */
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

/** Converts a position to a clock time. */
export function fromAxis(axis: TimeAxis, position: number): number {
  let saved = 0
  for (const fold of axis.folds) {
    if (position <= fold.from) break
    if (position < fold.to) {
      const part = (position - fold.from) / (fold.to - fold.from)
      return fold.realFrom + part * (fold.realTo - fold.realFrom)
    }
    saved += fold.realTo - fold.realFrom - (fold.to - fold.from)
  }
  return axis.startMs + position + saved
}
