import type { Clock } from "@/server/platform/Clock"

/** The size of a burst, in seconds of the sustained rate. */
const BURST_SECONDS = 4

/** A token bucket that refills at `perSecond` and holds `burstSeconds` worth of tokens. */
export class RateBucket {
  readonly #perSecond: number
  readonly #capacity: number
  readonly #clock: Clock
  #tokens: number
  #refilledAt: number

  constructor(perSecond: number, clock: Clock, burstSeconds = BURST_SECONDS) {
    this.#perSecond = perSecond
    this.#capacity = perSecond * burstSeconds
    this.#clock = clock
    this.#tokens = this.#capacity
    this.#refilledAt = clock.monotonic()
  }

  /** Takes one token. Returns 0 on success, otherwise the milliseconds until a token is available. */
  take(): number {
    const now = this.#clock.monotonic()
    const refilled = this.#tokens + ((now - this.#refilledAt) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#capacity, refilled)
    this.#refilledAt = now
    if (this.#tokens >= 1) {
      this.#tokens -= 1
      return 0
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000))
  }
}
