import { LIMITS } from "@/lib/protocol/limits"

const BUCKET_MS = LIMITS.recentBucketMs

/**
 * The heights (0 … 1, oldest first) of a sparkline of turns over the last minutes, from a run's `recent`, as of
 * `serverNowMs`: time that has passed since moves it to the left. Always `buckets` numbers; a single turn is seen.
 */
export function sparkline(
  recent: { until: string; turns: readonly number[] } | undefined,
  serverNowMs: number,
  buckets: number = LIMITS.recentBuckets,
): number[] {
  const heights = new Array<number>(buckets).fill(0)
  const until = Date.parse(recent?.until ?? "")
  if (recent === undefined || Number.isNaN(until)) return heights
  const passed = Math.max(0, Math.floor((serverNowMs - until) / BUCKET_MS))
  const most = recent.turns.reduce((top, turns) => Math.max(top, turns || 0), 1)
  recent.turns.forEach((turns, at) => {
    const place = buckets - recent.turns.length + at - passed
    if (place >= 0 && place < buckets && turns > 0) heights[place] = Math.min(1, Math.sqrt(turns / most))
  })
  return heights
}
