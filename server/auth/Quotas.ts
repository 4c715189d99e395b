import { ConcurrencyLimiter } from "@/server/net/ConcurrencyLimiter"
import { RateBuckets } from "@/server/net/RateBuckets"
import type { Clock } from "@/server/platform/Clock"
import type { QuotaLimits } from "@/server/platform/Config"

/** Wrong tokens of so long a time may come at once. */
const BURST_SECONDS = 240

/**
 * What one address and one token may take of what all share. An address of this machine has no bound: behind it may be a proxy,
 * and so everybody.
 */
export class Quotas {
  readonly #limits: QuotaLimits
  readonly #addresses = new ConcurrencyLimiter()
  readonly #tokens = new ConcurrencyLimiter()
  readonly #failures: RateBuckets

  constructor(limits: QuotaLimits, clock: Clock) {
    this.#limits = limits
    this.#failures = new RateBuckets(limits.failuresPerMinute / 60, clock, BURST_SECONDS)
  }

  /** Takes a place for a connection from an address; how to give it back, or undefined when there is none left. */
  acquireForAddress(address: string): (() => void) | undefined {
    return isLocal(address)
      ? () => undefined
      : this.#addresses.acquire(address, this.#limits.connectionsPerAddress)
  }

  /** Whether there is a place left for a connection from an address. */
  hasRoom(address: string): boolean {
    return isLocal(address) || this.#addresses.hasRoom(address, this.#limits.connectionsPerAddress)
  }

  /** Takes a place for a connection with a token. */
  acquireForToken(tokenId: string): (() => void) | undefined {
    return this.#tokens.acquire(tokenId, this.#limits.connectionsPerToken)
  }

  /** Counts a wrong token; 0 while that may happen, else the milliseconds until it may again. Good tokens are never held up by it. */
  recordFailure(address: string): number {
    return this.#limits.failuresPerMinute === 0 || isLocal(address) ? 0 : this.#failures.take(address)
  }
}

function isLocal(address: string): boolean {
  return address === "" || address === "::1" || address === "0:0:0:0::/64" || address.startsWith("127.")
}
