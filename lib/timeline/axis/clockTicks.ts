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
 * Round times of the reader's clock within `[fromMs, toMs]`, at least `leastPx` apart on a line of `widthPx`.
 * `offsetMs` is what is added to UTC for the reader's zone. Empty for a window without width.
 */
export function clockTicks(
  fromMs: number,
  toMs: number,
  widthPx: number,
  offsetMs: number,
  leastPx = 84,
): ClockTicks {
  const least = ((toMs - fromMs) / widthPx) * leastPx
  if (!(least > 0) || !Number.isFinite(least)) return { stepMs: MINUTE, times: [] }
  const stepMs = STEPS.find((step) => step >= least) ?? Math.ceil(least / DAY) * DAY
  const times: number[] = []
  const first = Math.ceil((fromMs + offsetMs) / stepMs) * stepMs - offsetMs
  for (let time = first; time <= toMs && times.length < 200; time += stepMs) times.push(time)
  return { stepMs, times }
}
