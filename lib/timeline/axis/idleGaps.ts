import type { TurnSpan } from "@/lib/timeline/rows/turnSpan"

/** A stretch without any turn, in milliseconds since 1970. */
export type IdleGap = { readonly from: number; readonly to: number }

/** A gap is worth folding from this share of the run on. */
const WORTH_FOLDING = 0.05
/** A wait that a reader would not notice is not worth a control, however short the run. */
const SHORTEST_MS = 5_000
const MAX_GAPS = 12

/** The longest stretches between turns, in order of time; each over 5 % of `[start, end]` and over 5 s. `spans` are in order of start. */
export function idleGaps(spans: readonly TurnSpan[], start: number, end: number): IdleGap[] {
  const share = (end - start) * WORTH_FOLDING
  if (!(share > 0)) return []
  const least = Math.max(SHORTEST_MS, share)
  const gaps: IdleGap[] = []
  let busyUntil = start
  for (const span of spans) {
    if (span.start - busyUntil > least) gaps.push({ from: busyUntil, to: span.start })
    busyUntil = Math.max(busyUntil, span.end)
  }
  gaps.sort((a, b) => b.to - b.from - (a.to - a.from))
  return gaps.slice(0, MAX_GAPS).sort((a, b) => a.from - b.from)
}
