import type { Clock } from "@/server/platform/Clock"
import { RateBucket } from "./RateBucket"

/** Names remembered; the one that has been quiet longest goes first. */
const HELD = 20_000

/** A token bucket for each name that asks: addresses, of which there may be any number. */
export class RateBuckets {
  readonly #make: () => RateBucket
  readonly #buckets = new Map<string, RateBucket>()

  constructor(perSecond: number, clock: Clock, burstSeconds?: number) {
    this.#make = () => new RateBucket(perSecond, clock, burstSeconds)
  }

  /** Takes a token of `who`; 0, or the milliseconds until there is one again. */
  take(who: string): number {
    const bucket = this.#buckets.get(who) ?? this.#make()
    this.#buckets.delete(who)
    this.#buckets.set(who, bucket)
    const oldest = this.#buckets.keys().next()
    if (this.#buckets.size > HELD && !oldest.done) this.#buckets.delete(oldest.value)
    return bucket.take()
  }
}
