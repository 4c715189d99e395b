/** The world's time, handed in so that tests can hold it. */
export interface Clock {
  /** Wall clock, ms since the epoch: for what is written down. */
  now(): number
  /** A clock that never jumps, ms: for waiting and measuring. */
  monotonic(): number
  setTimeout(run: () => void, ms: number): unknown
  clearTimeout(timer: unknown): void
}

/** The real clock; its timers don't keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (run, ms) => setTimeout(run, ms).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}

// A busy server writes the same millisecond many times.
let lastMs = Number.NaN
let lastText = ""

/** A time as the wire writes it: ISO 8601, UTC, milliseconds. */
export function isoTime(ms: number): string {
  if (ms !== lastMs) {
    lastText = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastText
}
