import { backoffMs, later } from "./timers"

/** Waiting between tries: longer with each failure in a row, cut short only by giving up. */
export class Backoff {
  private failures = 0
  private leave: (() => void) | undefined

  /** Things work again: the next wait is a short one. */
  reset(): void {
    this.failures = 0
  }

  /** Waits for 250 ms to 5 s, or for as long as the server asked. */
  wait(atLeastMs = 0): Promise<void> {
    const ms = Math.max(atLeastMs, backoffMs(this.failures++))
    return new Promise<void>((resolve) => {
      const timer = later(resolve, ms)
      this.leave = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  /** Ends a wait that is going on. */
  giveUp(): void {
    this.leave?.()
  }
}
