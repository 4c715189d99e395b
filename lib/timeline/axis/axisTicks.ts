import { fromAxis, type TimeAxis, toAxis } from "./timeAxis"

const SECOND = 1_000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Round steps, in milliseconds. */
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((step) => step * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((step) => step * MINUTE),
  ...[1, 2, 3, 6, 12].map((step) => step * HOUR),
  ...[1, 2, 7, 14, 28, 90, 365].map((step) => step * DAY),
]
const MAX_TICKS = 100
/**
 * The width of a label such as `1h 12m 30.25s`. Labels get this long if ticks are less than a second apart and more
 * than a minute after the run's start.
 */
const LONG_LABEL_PX = 112

/** A tick: its position on the axis, and the time since the start that it marks. */
export type AxisTick = { readonly position: number; readonly afterMs: number }

/**
 * Returns ticks at round times since the start for the range `[from, to]` of an axis `widthPx` wide, at least
 * `minGapPx` apart. There are none inside a fold or in an empty range.
 */
export function axisTicks(
  axis: TimeAxis,
  window: { from: number; to: number },
  widthPx: number,
  minGapPx = 64,
): AxisTick[] {
  const perPx = (window.to - window.from) / widthPx
  if (!(perPx > 0) || !Number.isFinite(perPx)) return []
  const first = fromAxis(axis, window.from) - axis.startMs
  const last = fromAxis(axis, window.to) - axis.startMs
  const isLong = last >= MINUTE && perPx * minGapPx < SECOND
  const minGap = perPx * (isLong ? Math.max(minGapPx, LONG_LABEL_PX) : minGapPx)
  const step = STEPS.find((candidate) => candidate >= minGap) ?? Math.ceil(minGap / DAY) * DAY
  const ticks: AxisTick[] = []
  let afterMs = Math.ceil(first / step) * step
  while (afterMs <= last && ticks.length < MAX_TICKS) {
    const fold = axis.folds.find(
      ({ realFrom, realTo }) => realFrom < axis.startMs + afterMs && axis.startMs + afterMs < realTo,
    )
    if (fold === undefined) {
      const position = toAxis(axis, axis.startMs + afterMs)
      const previous = ticks[ticks.length - 1]
      if (previous === undefined || position - previous.position >= minGap * 0.99)
        ticks.push({ position, afterMs })
      afterMs += step
    } else afterMs = Math.ceil((fold.realTo - axis.startMs) / step) * step
  }
  return ticks
}

/** Formats a time since the start without rounding: `250ms`, `4s`, `1m 30s`, `1m 30.25s`, `2h 5m`, `3d 4h`. */
export function tickLabel(afterMs: number): string {
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
