import type { TimeRange } from "./domain"
import { type SpanTable, spanAt } from "./spans"

/** A gap is idle time of more than this share of the run. */
export const GAP_SHARE = 0.05

/** A stretch in which no turn was under way; `beforeIndex` is the turn that ended it. */
export type Gap = TimeRange & { beforeIndex: number }

/** The idle gaps between turns that take more than `share` of the whole, in order of time. */
export function gapsOf(spans: SpanTable, share = GAP_SHARE): Gap[] {
  const leastMs = (spans.toMs - spans.fromMs) * share
  if (!(leastMs > 0)) return []
  const order = Array.from({ length: spans.cursor - spans.base }, (_, at) => {
    const span = spanAt(spans, spans.base + at)
    return { index: spans.base + at, startMs: span?.startMs ?? 0, endMs: span?.endMs ?? 0 }
  }).sort((a, b) => a.startMs - b.startMs)
  const gaps: Gap[] = []
  let busyUntilMs = order[0]?.endMs ?? 0
  for (const { index, startMs, endMs } of order) {
    if (startMs - busyUntilMs > leastMs) gaps.push({ fromMs: busyUntilMs, toMs: startMs, beforeIndex: index })
    busyUntilMs = Math.max(busyUntilMs, endMs)
  }
  return gaps
}
