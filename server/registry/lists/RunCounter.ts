import type { RunFilter } from "@/lib/protocol/commands"
import type { RunCounts } from "@/lib/protocol/run"
import { resolveFilter } from "@/lib/trace/resolveFilter"
import type { Clock } from "@/server/platform/Clock"
import type { LiveRuns } from "@/server/registry/live/LiveRuns"
import type { ListPage, RunStore, StatusCounts } from "@/server/store/RunStore"
import { countLive } from "./countLive"

const MAX_CACHED = 200

/** Counts, and the monotonic time at which counting started. Counts that aren't exact are upper bounds. */
export type DatedCounts = { counts: RunCounts; areExact: boolean; at: number }

export type CountQuery = { readers: readonly string[]; filter: RunFilter; failedSince?: string }

/**
 * Counts the runs that match a filter, ignoring its `status`, `waiting` and `trouble`. Caches counts for callers that
 * accept older ones.
 */
export class RunCounter {
  readonly #store: RunStore
  readonly #live: LiveRuns
  readonly #clock: Clock
  readonly #cache = new Map<string, { at: number; dated: Promise<DatedCounts> }>()

  constructor(parts: { store: RunStore; live: LiveRuns; clock: Clock }) {
    this.#store = parts.store
    this.#live = parts.live
    this.#clock = parts.clock
  }

  /** Returns counts that are at most `maxAgeMs` old. With 0, they are always counted again. */
  count({ readers, filter, failedSince }: CountQuery, maxAgeMs: number): Promise<DatedCounts> {
    const { status: _status, waiting: _waiting, trouble: _trouble, ...scope } = filter
    const key = JSON.stringify([[...readers].sort(), sortedEntries(scope), failedSince])
    const known = this.#cache.get(key)
    const at = this.#clock.monotonic()
    if (known !== undefined && maxAgeMs > 0 && at - known.at <= maxAgeMs) return known.dated
    const query = { readers, filter: scope, ...(failedSince !== undefined && { failedSince }) }
    const dated = this.#countNow(query).then((counted) => ({ ...counted, at }))
    this.#addToCache(key, { at, dated })
    dated.catch(() => {
      if (this.#cache.get(key)?.dated === dated) this.#cache.delete(key)
    })
    return dated
  }

  async #countNow({ filter, failedSince, ...query }: CountQuery): Promise<Omit<DatedCounts, "at">> {
    const since = failedSince === undefined ? {} : { failedSince }
    const resolved = { ...query, filter: resolveFilter(filter, this.#clock.now()) }
    const found: Pick<ListPage, "counts" | "countsAreExact"> =
      filter.q === undefined
        ? { counts: await this.#store.count({ ...resolved, ...since }) }
        : await this.#store.list({ ...resolved, inTurns: true, limit: 1, counts: since })
    const { counts = { in_progress: 0, completed: 0, incomplete: 0, failed: 0 }, countsAreExact } = found
    return {
      counts: await this.complete({ ...resolved, ...since }, counts),
      areExact: countsAreExact !== false,
    }
  }

  /** Adds counts from live data to the store's counts. `query` must not have relative times. */
  async complete(query: CountQuery, { failed, ...counts }: StatusCounts): Promise<RunCounts> {
    const live = countLive(this.#live, query.readers, query.filter, await this.#search(query))
    return { ...counts, ...live, ...(query.failedSince !== undefined && { failed }) }
  }

  /**
   * Returns the runs that are waiting or in trouble and match the filter's search, which includes turns. Undefined if
   * the filter has no search.
   */
  async #search({ readers, filter }: CountQuery): Promise<ReadonlySet<string> | undefined> {
    if (filter.q === undefined) return undefined
    const runIds = [...this.#live.views()].flatMap(({ row, isWaiting, isInTrouble }) =>
      isWaiting || isInTrouble ? [row.run_id] : [],
    )
    if (runIds.length === 0) return new Set()
    const { status: _, ...scope } = filter
    const query = { readers, filter: scope, runIds, inTurns: true, limit: runIds.length }
    const { rows } = await this.#store.list(query)
    return new Set(rows.map((row) => row.run_id))
  }

  #addToCache(key: string, entry: { at: number; dated: Promise<DatedCounts> }): void {
    this.#cache.delete(key)
    this.#cache.set(key, entry)
    const [oldest] = this.#cache.keys()
    if (this.#cache.size > MAX_CACHED && oldest !== undefined) this.#cache.delete(oldest)
  }
}

function sortedEntries(filter: RunFilter): [string, unknown][] {
  return Object.entries(filter)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
}
