import { LRUCache } from "lru-cache"
import type { Clock } from "@/server/platform/Clock"
import { RateBucket } from "./RateBucket"

/**
 * The maximum number of buckets. The number of client addresses is unbounded, so the least recently used buckets are
 * evicted.
 */
const MAX_KEYS = 20_000

/** A token bucket per key. */
export class RateBuckets {
  readonly #buckets = new LRUCache<string, RateBucket>({ max: MAX_KEYS })
  readonly #create: () => RateBucket

  constructor(perSecond: number, clock: Clock, burstSeconds?: number) {
    this.#create = () => new RateBucket(perSecond, clock, burstSeconds)
  }

  /** Takes a token from `key`'s bucket. Returns 0 on success, otherwise the milliseconds until one is available. */
  take(key: string): number {
    let bucket = this.#buckets.get(key)
    if (bucket === undefined) {
      bucket = this.#create()
      this.#buckets.set(key, bucket)
    }
    return bucket.take()
  }
}
