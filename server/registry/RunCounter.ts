import type { RunFilter } from "@/lib/protocol/commands"
import type { RunCounts } from "@/lib/protocol/run"
import type { Clock } from "@/server/clock"
import type { RunStore } from "@/server/store/RunStore"
import type { LiveRuns } from "./LiveRuns"
import { waitingRows } from "./waitingRuns"

const KEPT_COUNTS = 200

export type CountQuery = { readers: readonly string[]; filter: RunFilter; failedSince?: string }

/** Counts runs under a filter less its `status` and `waiting`; one count at a time for each, kept for those who take an older one. */
export class RunCounter {
  readonly #store: RunStore
  readonly #live: LiveRuns
  readonly #clock: Clock
  readonly #kept = new Map<string, { at: number; counts: Promise<RunCounts> }>()

  constructor(parts: { store: RunStore; live: LiveRuns; clock: Clock }) {
    this.#store = parts.store
    this.#live = parts.live
    this.#clock = parts.clock
  }

  /** Counts that are at most `maxAgeMs` old; 0 counts now. */
  count({ readers, filter, failedSince }: CountQuery, maxAgeMs: number): Promise<RunCounts> {
    const { status: _status, waiting: _waiting, ...scope } = filter
    const key = JSON.stringify([[...readers].sort(), sortedEntries(scope), failedSince])
    const known = this.#kept.get(key)
    const now = this.#clock.monotonic()
    if (known !== undefined && maxAgeMs > 0 && now - known.at <= maxAgeMs) return known.counts
    const counts = this.#countNow({
      readers,
      filter: scope,
      ...(failedSince !== undefined && { failedSince }),
    })
    this.#keep(key, { at: now, counts })
    counts.catch(() => {
      if (this.#kept.get(key)?.counts === counts) this.#kept.delete(key)
    })
    return counts
  }

  async #countNow(query: CountQuery): Promise<RunCounts> {
    const { failed, ...counts } = await this.#store.count(query)
    const waiting = waitingRows(this.#live, query.readers, query.filter).length
    return { ...counts, waiting, ...(query.failedSince !== undefined && { failed }) }
  }

  #keep(key: string, entry: { at: number; counts: Promise<RunCounts> }): void {
    this.#kept.delete(key)
    this.#kept.set(key, entry)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT_COUNTS && oldest !== undefined) this.#kept.delete(oldest)
  }
}

function sortedEntries(filter: RunFilter): [string, unknown][] {
  return Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
