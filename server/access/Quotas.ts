import type { Clock } from "@/server/clock"
import { RateBucket } from "@/server/sockets/RateBucket"

/** Addresses whose failures are remembered; the one that has been quiet longest goes first. */
const HELD = 20_000

export type QuotaLimits = {
  /** Connections at once. 0: no bound. */
  readonly connectionsPerAddress: number
  readonly connectionsPerToken: number
  /** Wrong tokens a minute from one address; four times as many at once. 0: no bound. */
  readonly failuresPerMinute: number
}

/**
 * What one address and one token may take of what all share. An address of this machine has no bound: behind it may be a proxy,
 * and so everybody.
 */
export class Quotas {
  readonly #limits: QuotaLimits
  readonly #clock: Clock
  readonly #open = new Map<string, number>()
  readonly #failures = new Map<string, RateBucket>()

  constructor(limits: QuotaLimits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
  }

  /** Takes a place for a connection from an address; how to give it back, or undefined when there is none left. */
  fromAddress(address: string): (() => void) | undefined {
    return isLocal(address)
      ? () => undefined
      : this.#take(`address ${address}`, this.#limits.connectionsPerAddress)
  }

  /** Whether there is a place left for a connection from an address. */
  hasRoom(address: string): boolean {
    const most = this.#limits.connectionsPerAddress
    return most === 0 || isLocal(address) || (this.#open.get(`address ${address}`) ?? 0) < most
  }

  /** Takes a place for a connection with a token. */
  withToken(tokenId: string): (() => void) | undefined {
    return this.#take(`token ${tokenId}`, this.#limits.connectionsPerToken)
  }

  /** Counts a wrong token; 0 while that may happen, else the milliseconds until it may again. Good tokens are never held up by it. */
  failed(address: string): number {
    const perMinute = this.#limits.failuresPerMinute
    if (perMinute === 0 || isLocal(address)) return 0
    const bucket = this.#failures.get(address) ?? new RateBucket(perMinute / 60, this.#clock, 240)
    this.#failures.delete(address)
    this.#failures.set(address, bucket)
    const oldest = this.#failures.keys().next()
    if (this.#failures.size > HELD && !oldest.done) this.#failures.delete(oldest.value)
    return bucket.take()
  }

  #take(what: string, most: number): (() => void) | undefined {
    const open = this.#open.get(what) ?? 0
    if (most > 0 && open >= most) return undefined
    this.#open.set(what, open + 1)
    let given = false
    return () => {
      if (given) return
      given = true
      const left = (this.#open.get(what) ?? 1) - 1
      if (left > 0) this.#open.set(what, left)
      else this.#open.delete(what)
    }
  }
}

function isLocal(address: string): boolean {
  return address === "" || address === "::1" || address === "0:0:0:0::/64" || address.startsWith("127.")
}
