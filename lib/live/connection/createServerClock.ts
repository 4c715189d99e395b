/** A slower sample replaces the current one only if the current one is older than this. */
const SAMPLE_MAX_AGE_MS = 60_000

export type ServerClock = {
  /** Returns the estimated server time, in milliseconds since 1970. */
  now(): number
  /** Adds a sample: the `server_time` of a reply to a request sent at `sentAt` (in `monotonicNow` time). */
  addSample(serverTime: string, sentAt: number): void
  /** Adjusts the estimate to a `server_time` from an event, which is a lower bound for the current time. */
  advanceTo(serverTime: string): void
  /** Returns monotonic milliseconds. Only differences are meaningful. */
  monotonicNow(): number
}

/**
 * Estimates the server's clock from `server_time` and round-trip times. The estimate advances with a monotonic clock,
 * so a wrong or adjusted browser clock has no effect. Until the first sample, it equals the browser's clock.
 */
export function createServerClock(
  monotonicNow: () => number = () => performance.now(),
  wallNow: () => number = Date.now,
): ServerClock {
  let offsetMs = wallNow() - monotonicNow()
  let best: { roundTripMs: number; at: number } | undefined
  const now = () => monotonicNow() + offsetMs
  return {
    now,
    monotonicNow,
    addSample(serverTime, sentAt) {
      const at = monotonicNow()
      const time = Date.parse(serverTime)
      if (Number.isNaN(time)) return
      const roundTripMs = at - sentAt
      const estimate = time + roundTripMs / 2
      const jumped = Math.abs(estimate - now()) > roundTripMs + 1_000
      const isBetter =
        best === undefined || roundTripMs <= best.roundTripMs || at - best.at > SAMPLE_MAX_AGE_MS
      if (!isBetter && !jumped) return
      best = { roundTripMs, at }
      offsetMs = estimate - at
    },
    advanceTo(serverTime) {
      const time = Date.parse(serverTime)
      if (time > now()) offsetMs = time - monotonicNow()
    },
  }
}
