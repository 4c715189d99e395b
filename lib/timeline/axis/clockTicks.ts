const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const STEPS = [
  ...[5, 10, 15, 30].map((seconds) => seconds * 1_000),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14].map((days) => days * DAY),
]

export type ClockTicks = { readonly stepMs: number; readonly times: readonly number[] }

/**
 * Returns round local times within `[fromMs, toMs]`, at least `minGapPx` apart on a line `widthPx` wide. `offsetMs` is
 * the local offset from UTC. Returns none for an empty range.
 */
export function clockTicks(
  fromMs: number,
  toMs: number,
  widthPx: number,
  offsetMs: number,
  minGapPx = 84,
): ClockTicks {
  const minGap = ((toMs - fromMs) / widthPx) * minGapPx
  if (!(minGap > 0) || !Number.isFinite(minGap)) return { stepMs: MINUTE, times: [] }
  const stepMs = STEPS.find((step) => step >= minGap) ?? Math.ceil(minGap / DAY) * DAY
  const times: number[] = []
  const first = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs - offsetMs
  for (let time = first; time <= toMs && times.length < 200; time += stepMs) times.push(time)
  return { stepMs, times }
}
