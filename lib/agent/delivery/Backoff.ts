import { setBackgroundTimeout } from "./timers"

const MIN_MS = 250
const MAX_MS = 5_000

/** Exponential backoff with jitter between retries. */
export class Backoff {
  private failures = 0
  private skip: (() => void) | undefined

  constructor(private readonly random: () => number = Math.random) {}

  /** Call after a success: the next wait is short again. */
  reset(): void {
    this.failures = 0
  }

  /** Waits 250 ms to 5 s, or longer if the server asks for it. */
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

  /** Returns the next delay and counts a failure. Jitter of ±50 % keeps agents from retrying in step. */
  nextDelayMs(): number {
    const base = Math.min(MAX_MS, MIN_MS * 2 ** Math.min(this.failures++, 10))
    return Math.round(base * (0.5 + this.random()))
  }

  /** Ends a wait in progress. */
  cancel(): void {
    this.skip?.()
  }
}
