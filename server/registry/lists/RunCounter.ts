import type { RunFilter } from "@/lib/protocol/commands"
import type { RunCounts } from "@/lib/protocol/run"
import { resolveFilter } from "@/lib/trace/resolveFilter"
import type { Clock } from "@/server/platform/Clock"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import type { RunPage, RunStore, StatusCounts } from "@/server/store/RunStore"
import { countLive } from "./countLive"

const KEPT_COUNTS = 200

/** Counts, and when on the clock that never jumps they began to be counted. Those that aren't exact are at most. */
export type DatedCounts = { counts: RunCounts; areExact: boolean; at: number }

export type CountQuery = { readers: readonly string[]; filter: RunFilter; failedSince?: string }

/** Counts runs under a filter less its `status`, `waiting` and `trouble`; one count at a time for each, kept for those who take an older one. */
export class RunCounter {
  readonly #store: RunStore
  readonly #live: LiveRuns
  readonly #clock: Clock
  readonly #kept = new Map<string, { at: number; dated: Promise<DatedCounts> }>()

  constructor(parts: { store: RunStore; live: LiveRuns; clock: Clock }) {
    this.#store = parts.store
    this.#live = parts.live
    this.#clock = parts.clock
  }

  /** Counts that are at most `maxAgeMs` old; 0 counts now. */
  count({ readers, filter, failedSince }: CountQuery, maxAgeMs: number): Promise<DatedCounts> {
    const { status: _status, waiting: _waiting, trouble: _trouble, ...scope } = filter
    const key = JSON.stringify([[...readers].sort(), sortedEntries(scope), failedSince])
    const known = this.#kept.get(key)
    const at = this.#clock.monotonic()
    if (known !== undefined && maxAgeMs > 0 && at - known.at <= maxAgeMs) return known.dated
    const query = { readers, filter: scope, ...(failedSince !== undefined && { failedSince }) }
    const dated = this.#countNow(query).then((counted) => ({ ...counted, at }))
    this.#keep(key, { at, dated })
    dated.catch(() => {
      if (this.#kept.get(key)?.dated === dated) this.#kept.delete(key)
    })
    return dated
  }

  async #countNow({ filter, failedSince, ...query }: CountQuery): Promise<Omit<DatedCounts, "at">> {
    const since = failedSince === undefined ? {} : { failedSince }
    const resolved = { ...query, filter: resolveFilter(filter, this.#clock.now()) }
    const found: Pick<RunPage, "counts" | "countsAreExact"> =
      filter.q === undefined
        ? { counts: await this.#store.count({ ...resolved, ...since }) }
        : await this.#store.list({ ...resolved, inTurns: true, limit: 1, counts: since })
    const { counts = { in_progress: 0, completed: 0, incomplete: 0, failed: 0 }, countsAreExact } = found
    return {
      counts: this.complete({ ...resolved, ...since }, counts),
      areExact: countsAreExact !== false,
    }
  }

  /** What a store counted, and what only live runs tell. `query` has no relative time. */
  complete(query: CountQuery, { failed, ...counts }: StatusCounts): RunCounts {
    const live = countLive(this.#live, query.readers, query.filter)
    return { ...counts, ...live, ...(query.failedSince !== undefined && { failed }) }
  }

  #keep(key: string, entry: { at: number; dated: Promise<DatedCounts> }): void {
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
