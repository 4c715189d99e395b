import { LIMITS } from "@/lib/protocol/limits"

const BUCKET_MS = LIMITS.recentBucketMs

/**
 * Returns the heights (0 … 1, oldest first) of the bars for a run's `recent` turns at `serverNowMs`. The bars move left
 * as time passes. Always returns `buckets` numbers. A square-root scale keeps single turns visible.
 */
export function sparkline(
  recent: { until: string; turns: readonly number[] } | undefined,
  serverNowMs: number,
  buckets: number = LIMITS.recentBuckets,
): number[] {
  const heights = new Array<number>(buckets).fill(0)
  const until = Date.parse(recent?.until ?? "")
  if (recent === undefined || Number.isNaN(until)) return heights
  const shift = Math.max(0, Math.floor((serverNowMs - until) / BUCKET_MS))
  const max = recent.turns.reduce((largest, turns) => Math.max(largest, turns || 0), 1)
  recent.turns.forEach((turns, at) => {
    const bucket = buckets - recent.turns.length + at - shift
    if (bucket >= 0 && bucket < buckets && turns > 0) heights[bucket] = Math.min(1, Math.sqrt(turns / max))
  })
  return heights
}
