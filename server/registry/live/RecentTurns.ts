import { LIMITS } from "@/lib/protocol/limits"
import type { RunSummary } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"

const { recentBuckets, recentBucketMs } = LIMITS

/** How many turns a run got in each 10 s of the last 5 minutes. Counted on the clock that never jumps. */
export class RecentTurns {
  readonly #clock: Clock
  readonly #turns = new Array<number>(recentBuckets).fill(0)
  #newest: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#newest = bucketOf(clock.monotonic())
  }

  /** Counts turns that were stored `agoMs` before now; older than 5 minutes is ignored. */
  add(count: number, agoMs = 0): void {
    this.#advance()
    const back = this.#newest - bucketOf(this.#clock.monotonic() - Math.max(0, agoMs))
    if (back >= recentBuckets) return
    const slot = slotOf(this.#newest - back)
    this.#turns[slot] = (this.#turns[slot] ?? 0) + count
  }

  /** The counts, oldest first; `until` is when the newest 10 s end. */
  read(): NonNullable<RunSummary["recent"]> {
    this.#advance()
    const left = (this.#newest + 1) * recentBucketMs - this.#clock.monotonic()
    const first = slotOf(this.#newest + 1)
    return {
      until: isoTime(Math.round(this.#clock.now() + left)),
      turns: [...this.#turns.slice(first), ...this.#turns.slice(0, first)],
    }
  }

  #advance(): void {
    const now = bucketOf(this.#clock.monotonic())
    const passed = Math.min(now - this.#newest, recentBuckets)
    for (let at = 0; at < passed; at++) this.#turns[slotOf(now - at)] = 0
    this.#newest = now
  }
}

function bucketOf(monotonicMs: number): number {
  return Math.floor(monotonicMs / recentBucketMs)
}

/** Where a bucket is kept; buckets before the clock's zero have negative numbers. */
function slotOf(bucket: number): number {
  return ((bucket % recentBuckets) + recentBuckets) % recentBuckets
}
