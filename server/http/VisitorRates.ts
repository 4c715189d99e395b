import type { Clock } from "@/server/clock"
import { RateBucket } from "@/server/sockets/RateBucket"

/** Requests and upgrades a second that an address may make; four times as many at once, which is a page and its parts. */
const REQUESTS_PER_SECOND = 50
/** Connections that visitors of one address may have open: many tabs, or an office. */
const CONNECTIONS = 40
/** Addresses remembered; the one that has been quiet longest goes first. */
const HELD = 20_000

/** What one address may ask of a server that is open to everybody. */
export class VisitorRates {
  readonly #clock: Clock
  readonly #buckets = new Map<string, RateBucket>()
  readonly #connections = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Counts a request; 0 when it may be answered, else the milliseconds until one may. */
  request(address: string): number {
    const bucket = this.#buckets.get(address) ?? new RateBucket(REQUESTS_PER_SECOND, this.#clock)
    this.#buckets.delete(address)
    this.#buckets.set(address, bucket)
    const oldest = this.#buckets.keys().next()
    if (this.#buckets.size > HELD && !oldest.done) this.#buckets.delete(oldest.value)
    return bucket.take()
  }

  /** Takes a place for a connection; how to give it back, or undefined when there is none left. */
  connection(address: string): (() => void) | undefined {
    const open = this.#connections.get(address) ?? 0
    if (open >= CONNECTIONS) return undefined
    this.#connections.set(address, open + 1)
    let given = false
    return () => {
      if (given) return
      given = true
      const left = (this.#connections.get(address) ?? 1) - 1
      if (left > 0) this.#connections.set(address, left)
      else this.#connections.delete(address)
    }
  }
}
