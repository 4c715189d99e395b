import type { Clock } from "@/server/platform/Clock"
import { ConcurrencyLimiter } from "./ConcurrencyLimiter"
import { RateBuckets } from "./RateBuckets"

/**
 * Requests and upgrades per address per second. A burst may have four times as many, which is enough for a page and its
 * assets.
 */
const REQUESTS_PER_SECOND = 50
/** Open connections per address: enough for many tabs or an office behind one address. */
const MAX_CONNECTIONS = 40

/** Limits per client address, for servers that admit visitors without a token. */
export class ClientRateLimits {
  readonly #requests: RateBuckets
  readonly #connections = new ConcurrencyLimiter()

  constructor(clock: Clock) {
    this.#requests = new RateBuckets(REQUESTS_PER_SECOND, clock)
  }

  /** Counts a request. Returns 0 if it may proceed, otherwise the milliseconds until the next request may proceed. */
  takeRequest(address: string): number {
    return this.#requests.take(address)
  }

  /** Takes a connection slot. Returns its release function, or undefined when the address has none left. */
  acquireConnection(address: string): (() => void) | undefined {
    return this.#connections.acquire(address, MAX_CONNECTIONS)
  }
}
