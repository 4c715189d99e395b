import type { TurnSpan } from "@/lib/timeline/rows/turnSpan"

/** A period in which no turn was running, in milliseconds since 1970. */
export type IdleGap = { readonly from: number; readonly to: number }

/** Gaps that are a smaller share of the run than this aren't worth folding. */
const MIN_SHARE = 0.05
/** Shorter gaps aren't noticeable, even in short runs. */
const MIN_GAP_MS = 5_000
const MAX_GAPS = 12

/**
 * Finds the periods between turns that are longer than 5 s and than 5 % of `[start, end]`, in order. Returns at most
 * the 12 longest. `spans` must be sorted by start.
 */
export function idleGaps(spans: readonly TurnSpan[], start: number, end: number): IdleGap[] {
  const share = (end - start) * MIN_SHARE
  if (!(share > 0)) return []
  const minMs = Math.max(MIN_GAP_MS, share)
  const gaps: IdleGap[] = []
  let busyUntil = start
  for (const span of spans) {
    if (span.start - busyUntil > minMs) gaps.push({ from: busyUntil, to: span.start })
    busyUntil = Math.max(busyUntil, span.end)
  }
  gaps.sort((a, b) => b.to - b.from - (a.to - a.from))
  return gaps.slice(0, MAX_GAPS).sort((a, b) => a.from - b.from)
}
