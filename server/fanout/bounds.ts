import { LIMITS } from "@/lib/protocol/limits"

const KIB = 1024

/** Limits of the fan-out. Sizes are in bytes, times in milliseconds. */
export const BOUNDS = {
  /** A subscription falls behind when its connection has more than this queued. */
  highWaterBytes: 512 * KIB,
  /** Turns that are stored within this time after a frame share the next frame. */
  gatherMs: 16,
  /**
   * The maximum size of an event, unless it has a single turn. Also the maximum size of a run's buffer for
   * subscriptions that are behind.
   */
  frameBytes: LIMITS.pageBytes,
  pageCacheBytes: 32 * KIB * KIB,
  concurrentReads: 8,
  watchdogMs: 1_000,
  /** A connection is disconnected if it hasn't drained for this long while a subscription is behind. */
  stalledMs: 30_000,
  watchEventMs: 1_000 / LIMITS.registryEventsPerSecond,
  upsertsPerEvent: 200,
  /** How often a watch with a relative time drops runs that have become too old for it. */
  agingMs: 2_000,
  countsAgeMs: 1_000,
  /** How often a watch with a search searches new turns. */
  watchSearchMs: 1_000,
  /** The maximum number of listed runs, and of changed runs, that a watch remembers. */
  watchedRuns: 4_000,
} as const

export type FanoutBounds = { readonly [K in keyof typeof BOUNDS]: number }
