import { setBackgroundTimeout } from "./timers"

const MIN_MS = 250
const MAX_MS = 5_000

/** Exponential backoff with jitter between retries. */
export class Backoff {
  private failures = 0
  private skip: (() => void) | undefined

  constructor(private readonly random: () => number = Math.random) {}

  /** Call after a success: the next delay is short again. */
  reset(): void {
    this.failures = 0
  }

  /** Waits for the next delay, but at least `minMs`. */
  wait(minMs = 0): Promise<void> {
    const ms = Math.max(minMs, this.nextDelayMs())
    return new Promise<void>((resolve) => {
      const timer = setBackgroundTimeout(resolve, ms)
      this.skip = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /**
   * Counts a failure, and returns the next delay: 250 ms, doubled after each failure up to 5 s. Jitter of ±50 % keeps
   * agents from retrying in lockstep.
   */
  nextDelayMs(): number {
    const base = Math.min(MAX_MS, MIN_MS * 2 ** Math.min(this.failures++, 10))
    return Math.round(base * (0.5 + this.random()))
  }

  /** Ends a wait in progress. */
  cancel(): void {
    this.skip?.()
  }
}
