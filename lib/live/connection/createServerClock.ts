/** A reading this slow says little about the other clock, unless nothing better is known. */
const STALE_MS = 60_000

export type ServerClock = {
  /** Milliseconds since 1970 by the server's clock, as well as it is known. */
  now(): number
  /** Takes in the `server_time` of an answer that was asked for at `sentAt` (this clock's `ticks()`). */
  hear(serverTime: string, sentAt: number): void
  /** Takes in a `server_time` that came unasked: time has come at least this far. */
  hearAtLeast(serverTime: string): void
  /** Monotonic milliseconds; only differences mean anything. */
  ticks(): number
}

/**
 * The server's clock, from `server_time` and the time that an answer took. It runs on a monotonic clock, so that a browser
 * clock that is wrong, or is set, changes nothing; until the server has spoken it is the browser's own.
 */
export function createServerClock(
  ticks: () => number = () => performance.now(),
  wallNow: () => number = Date.now,
): ServerClock {
  let offsetMs = wallNow() - ticks()
  let best: { roundTripMs: number; at: number } | undefined
  const now = () => ticks() + offsetMs
  return {
    now,
    ticks,
    hear(serverTime, sentAt) {
      const at = ticks()
      const time = Date.parse(serverTime)
      if (Number.isNaN(time)) return
      const roundTripMs = at - sentAt
      const heard = time + roundTripMs / 2
      const jumped = Math.abs(heard - now()) > roundTripMs + 1_000
      const good = best === undefined || roundTripMs <= best.roundTripMs || at - best.at > STALE_MS
      if (!good && !jumped) return
      best = { roundTripMs, at }
      offsetMs = heard - at
    },
    hearAtLeast(serverTime) {
      const time = Date.parse(serverTime)
      if (time > now()) offsetMs = time - ticks()
    },
  }
}
