import { fromAxis, type TimeAxis, toAxis } from "./timeAxis"

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Steps that read well on a clock, in milliseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((step) => step * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((step) => step * MINUTE),
  ...[1, 2, 3, 6, 12].map((step) => step * HOUR),
  ...[1, 2, 7, 14, 28, 90, 365].map((step) => step * DAY),
]
const MAX_TICKS = 100
/** What `1h 12m 30.25s` takes, where seconds are divided late in a run. */
const LONG_TEXT_PX = 112

/** A mark on the axis: its place, and how long after the start it is. */
export type AxisTick = { readonly place: number; readonly afterMs: number }

/**
 * Marks for the window `[from, to]` of an axis that is `widthPx` wide, at least `leastPx` apart, at round times since
 * the start; none inside a fold. Empty for a window without width.
 */
export function axisTicks(
  axis: TimeAxis,
  window: { from: number; to: number },
  widthPx: number,
  leastPx = 64,
): AxisTick[] {
  const perPx = (window.to - window.from) / widthPx
  if (!(perPx > 0) || !Number.isFinite(perPx)) return []
  const first = fromAxis(axis, window.from) - axis.startMs
  const last = fromAxis(axis, window.to) - axis.startMs
  const isLong = last >= MINUTE && perPx * leastPx < SECOND
  const least = perPx * (isLong ? Math.max(leastPx, LONG_TEXT_PX) : leastPx)
  const step = STEPS.find((candidate) => candidate >= least) ?? Math.ceil(least / DAY) * DAY
  const ticks: AxisTick[] = []
  let afterMs = Math.ceil(first / step) * step
  while (afterMs <= last && ticks.length < MAX_TICKS) {
    const fold = axis.folds.find(
      ({ realFrom, realTo }) => realFrom < axis.startMs + afterMs && axis.startMs + afterMs < realTo,
    )
    if (fold === undefined) {
      const place = toAxis(axis, axis.startMs + afterMs)
      const before = ticks[ticks.length - 1]
      if (before === undefined || place - before.place >= least * 0.99) ticks.push({ place, afterMs })
      afterMs += step
    } else afterMs = Math.ceil((fold.realTo - axis.startMs) / step) * step
  }
  return ticks
}

/** A time since the start, as exact as it is: `250ms`, `4s`, `1m 30s`, `1m 30.25s`, `2h 5m`, `3d 4h`. */
export function tickText(afterMs: number): string {
  if (afterMs === 0) return "0"
  if (afterMs < SECOND) return `${afterMs}ms`
  const parts = [
    [Math.floor(afterMs / DAY), "d"],
    [Math.floor((afterMs % DAY) / HOUR), "h"],
    [Math.floor((afterMs % HOUR) / MINUTE), "m"],
    [(afterMs % MINUTE) / SECOND, "s"],
  ] as const
  return parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count}${unit}`)
    .join(" ")
}
