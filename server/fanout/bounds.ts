import { LIMITS } from "@/lib/protocol/limits"

const KIB = 1024

/** What fanout may hold and how long it may wait. Sizes are bytes, durations milliseconds. */
export const BOUNDS = {
  /** A room member with more than this queued goes back to pages. */
  highWaterBytes: 512 * KIB,
  /** Turns that follow a frame within this time are gathered into the next. */
  gatherMs: 16,
  frameBytes: LIMITS.pageBytes,
  pageCacheBytes: 32 * KIB * KIB,
  readsAtOnce: 8,
  watchdogMs: 1_000,
  /** A connection that has taken no page for this long while it lacks one is cut off. */
  stalledMs: 30_000,
  watchEventMs: 1_000 / LIMITS.registryEventsPerSecond,
  upsertsPerEvent: 200,
  countsAgeMs: 1_000,
  /** Runs that a watch remembers to have shown, and changed ones that it has yet to look at. */
  watchedRuns: 4_000,
} as const

export type FanoutBounds = { readonly [K in keyof typeof BOUNDS]: number }
