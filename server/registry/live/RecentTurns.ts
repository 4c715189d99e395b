import { LIMITS } from "@/lib/protocol/limits"
import type { RunSummary } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"

const { recentBuckets, recentBucketMs } = LIMITS

/** Counts a run's turns per 10 s over the last 5 minutes, in monotonic time. */
export class RecentTurns {
  readonly #clock: Clock
  readonly #turns = new Array<number>(recentBuckets).fill(0)
  #newest: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#newest = bucketOf(clock.monotonic())
  }

  /** Counts turns that were stored `agoMs` ago. Ignores turns that are older than 5 minutes. */
  add(count: number, agoMs = 0): void {
    this.#advance()
    const back = this.#newest - bucketOf(this.#clock.monotonic() - Math.max(0, agoMs))
    if (back >= recentBuckets) return
    const slot = slotOf(this.#newest - back)
    this.#turns[slot] = (this.#turns[slot] ?? 0) + count
  }

  /** Returns the counts, oldest first. `until`: the end of the newest bucket. */
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

/** Returns the slot of a bucket. Buckets before the clock's zero have negative numbers. */
function slotOf(bucket: number): number {
  return ((bucket % recentBuckets) + recentBuckets) % recentBuckets
}
