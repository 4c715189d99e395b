import type { Clock } from "@/server/platform/Clock"

/** How many seconds' worth of tokens may be spent at once. */
const BURST_SECONDS = 4

/** A token bucket: `perSecond` in the long run, four times as many (or `burstSeconds`' worth) in a burst. */
export class RateBucket {
  readonly #perSecond: number
  readonly #most: number
  readonly #clock: Clock
  #tokens: number
  #filledAt: number

  constructor(perSecond: number, clock: Clock, burstSeconds = BURST_SECONDS) {
    this.#perSecond = perSecond
    this.#most = perSecond * burstSeconds
    this.#clock = clock
    this.#tokens = this.#most
    this.#filledAt = clock.monotonic()
  }

  /** Takes one token; 0 when there was one, else the milliseconds until there is. */
  take(): number {
    const now = this.#clock.monotonic()
    const filled = this.#tokens + ((now - this.#filledAt) / 1000) * this.#perSecond
    this.#tokens = Math.min(this.#most, filled)
    this.#filledAt = now
    if (this.#tokens >= 1) {
      this.#tokens -= 1
      return 0
    }
    return Math.max(1, Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000))
  }
}
