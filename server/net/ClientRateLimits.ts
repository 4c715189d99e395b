import type { Clock } from "@/server/platform/Clock"
import { ConcurrencyLimiter } from "./ConcurrencyLimiter"
import { RateBuckets } from "./RateBuckets"

/** Requests and upgrades a second that an address may make; four times as many at once, which is a page and its parts. */
const REQUESTS_PER_SECOND = 50
/** Connections that visitors of one address may have open: many tabs, or an office. */
const CONNECTIONS = 40

/** What one address may ask of a server that is open to everybody. */
export class ClientRateLimits {
  readonly #requests: RateBuckets
  readonly #connections = new ConcurrencyLimiter()

  constructor(clock: Clock) {
    this.#requests = new RateBuckets(REQUESTS_PER_SECOND, clock)
  }

  /** Counts a request; 0 when it may be answered, else the milliseconds until one may. */
  request(address: string): number {
    return this.#requests.take(address)
  }

  /** Takes a place for a connection; how to give it back, or undefined when there is none left. */
  connection(address: string): (() => void) | undefined {
    return this.#connections.take(address, CONNECTIONS)
  }
}
