import { ConcurrencyLimiter } from "@/server/net/ConcurrencyLimiter"
import { RateBuckets } from "@/server/net/RateBuckets"
import type { Clock } from "@/server/platform/Clock"
import type { QuotaLimits } from "@/server/platform/Config"

/** The size of a burst of invalid tokens, in seconds of the sustained rate. */
const BURST_SECONDS = 240

/**
 * Limits per address and per token. Addresses of this machine have no limit, because all clients behind a proxy on this
 * machine seem to have such an address.
 */
export class Quotas {
  readonly #limits: QuotaLimits
  readonly #addresses = new ConcurrencyLimiter()
  readonly #tokens = new ConcurrencyLimiter()
  readonly #failures: RateBuckets
  readonly #reads: RateBuckets
  readonly #elsewhere: (tokenId: string) => number

  /** `elsewhere` returns the number of connections that a token has on other nodes. */
  constructor(limits: QuotaLimits, clock: Clock, elsewhere: (tokenId: string) => number = () => 0) {
    this.#elsewhere = elsewhere
    this.#limits = limits
    this.#failures = new RateBuckets(limits.failuresPerMinute / 60, clock, BURST_SECONDS)
    this.#reads = new RateBuckets(limits.readsPerSecond, clock)
  }

  /** Takes a connection slot of an address. Returns its release function, or undefined when none is left. */
  acquireForAddress(address: string): (() => void) | undefined {
    return isLocal(address)
      ? () => undefined
      : this.#addresses.acquire(address, this.#limits.connectionsPerAddress)
  }

  /** Returns true if an address has a connection slot left. */
  hasRoom(address: string): boolean {
    return isLocal(address) || this.#addresses.hasRoom(address, this.#limits.connectionsPerAddress)
  }

  /** Takes a connection slot of a token. Returns its release function, or undefined when none is left. */
  acquireForToken(tokenId: string): (() => void) | undefined {
    const { connectionsPerToken } = this.#limits
    const left = connectionsPerToken - this.#elsewhere(tokenId)
    if (connectionsPerToken > 0 && left <= 0) return undefined
    return this.#tokens.acquire(tokenId, Math.max(0, left))
  }

  /** Open connections per token. */
  connectionsPerToken(): ReadonlyMap<string, number> {
    return this.#tokens.counts()
  }

  /**
   * Counts an HTTP request for runs. Returns 0 if the request may proceed, otherwise the milliseconds until the reader
   * may try again.
   */
  takeRead(reader: string): number {
    return this.#limits.readsPerSecond === 0 ? 0 : this.#reads.take(reader)
  }

  /**
   * Counts an invalid token. Returns 0, or the milliseconds until the address may try again. Valid tokens are never
   * delayed.
   */
  recordFailure(address: string): number {
    return this.#limits.failuresPerMinute === 0 || isLocal(address) ? 0 : this.#failures.take(address)
  }
}

function isLocal(address: string): boolean {
  return address === "" || address === "::1" || address === "0:0:0:0::/64" || address.startsWith("127.")
}
