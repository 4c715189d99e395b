/** A source of time, passed in so that tests can control it. */
export interface Clock {
  /** System time in milliseconds since the epoch, for timestamps. */
  now(): number
  /** Monotonic time in milliseconds, for delays and measurements. */
  monotonic(): number
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

/** The system clock. Its timers don't keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

// The last formatted time is cached, because a busy server formats the same millisecond many times.
let lastMs = Number.NaN
let lastText = ""

/** Formats a time for the wire: ISO 8601, UTC, milliseconds. */
export function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastText
}
