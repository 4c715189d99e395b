import type { Principal } from "@/lib/protocol/access"
import type { Reply } from "@/lib/protocol/catalog"
import type { ListRuns } from "@/lib/protocol/commands"
import type { RunCounts, RunSummary } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { StoredTurns } from "@/server/registry/RegistryEvents"
import type { RunQueries } from "@/server/registry/RunQueries"
import type { FanoutBounds } from "./bounds"
import { encodeEvent, type Subscriber } from "./Subscriber"
import { type ViewedCounts, Watch } from "./Watch"

type Parts = {
  queries: Pick<RunQueries, "list" | "summaries" | "counts" | "search">
  clock: Clock
  bounds: FanoutBounds
}

/**
 * Keeps watched lists current. A change only marks the run; the run is read when the next event is sent. Sends at most ten
 * events per watch per second, and none until the subscriber's transport has drained.
 */
export class WatchFeed {
  readonly #parts: Parts
  /** All watches, including those whose first page is still being read. */
  readonly #all = new Set<Watch>()
  readonly #current = new Map<Subscriber, Watch>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#current.size
  }

  /** Replies with the first page. Events start after `begin` is called. Replaces the subscriber's previous watch. */
  async watch(
    subscriber: Subscriber,
    principal: Principal,
    payload: ListRuns,
  ): Promise<{ reply: Reply<"runs.watch">; begin?: () => void }> {
    const { clock, queries, bounds } = this.#parts
    const watch = new Watch(subscriber, principal, payload, { maxRuns: bounds.watchedRuns, clock })
    // Added before the read, so that changes during the read aren't missed.
    this.#all.add(watch)
    watch.countedAt = clock.monotonic()
    try {
      const reply = await queries.list(principal, payload)
      if (!reply.ok || !subscriber.connected) {
        this.#all.delete(watch)
        return { reply }
      }
      for (const run of reply.runs) {
        if (!watch.matches(run)) watch.find(run.run_id)
        watch.list(run)
      }
      watch.counts = viewedCounts(reply.counts, reply.counts_are_exact !== false)
      this.unwatch(subscriber)
      this.#current.set(subscriber, watch)
      return { reply, begin: () => this.#open(watch) }
    } catch (bug) {
      this.#all.delete(watch)
      throw bug
    }
  }

  /** Removes a subscriber's watch. Returns true if it existed. */
  unwatch(subscriber: Subscriber): boolean {
    const watch = this.#current.get(subscriber)
    if (watch === undefined) return false
    watch.isOpen = false
    this.#clearTimer(watch)
    this.#parts.clock.clearTimeout(watch.ageTimer)
    this.#parts.clock.clearTimeout(watch.searchTimer)
    this.#all.delete(watch)
    return this.#current.delete(subscriber)
  }

  /** Continues after the subscriber's transport has drained. */
  resume(subscriber: Subscriber): void {
    const watch = this.#current.get(subscriber)
    if (watch?.isBlocked !== true) return
    watch.isBlocked = false
    this.#flushSoon(watch)
  }

  /** Called when a run has changed. `affectsCounts`: the number of runs in each state may have changed, too. */
  onChange(run: RunSummary, affectsCounts: boolean): void {
    for (const watch of this.#all) {
      if (!watch.mayRead(run.agent_id)) continue
      if (affectsCounts) watch.countsChangedAt = this.#parts.clock.monotonic()
      if (watch.hasListed(run.run_id) || watch.matches(run)) watch.markChanged(run.run_id)
      else this.#queueSearch(watch, run)
      this.#flushSoon(watch)
    }
  }

  /** Called when a run has new turns, which don't affect the counts. */
  onTurns({ run_id, run }: Pick<StoredTurns, "run_id" | "run">): void {
    let summary: RunSummary | undefined
    for (const watch of this.#all) {
      if (!watch.hasListed(run_id)) {
        summary ??= run()
        if (!watch.matches(summary)) {
          this.#queueSearch(watch, summary)
          continue
        }
      }
      watch.markChanged(run_id)
      this.#flushSoon(watch)
    }
  }

  onDelete(run_id: string): void {
    for (const watch of this.#all) {
      watch.countsChangedAt = this.#parts.clock.monotonic()
      // A read in progress may have found the run before it was deleted, and list it afterwards.
      if (watch.hasListed(run_id) || watch.isFlushing || !watch.isOpen) watch.markChanged(run_id)
      this.#flushSoon(watch)
    }
  }

  /** Reads all listed runs again, because changes may have been missed. */
  onGap(): void {
    for (const watch of this.#all) {
      watch.markAllChanged()
      watch.countsChangedAt = this.#parts.clock.monotonic()
      this.#flushSoon(watch)
    }
  }

  close(): void {
    for (const subscriber of [...this.#current.keys()]) this.unwatch(subscriber)
    this.#all.clear()
  }

  /** Queues a search in a run's turns if the run may match because of its turns. */
  #queueSearch(watch: Watch, run: RunSummary): void {
    if (!watch.mustSearch(run)) return
    watch.queueSearch(run.run_id)
    this.#searchSoon(watch)
  }

  #searchSoon(watch: Watch): void {
    const { clock, bounds } = this.#parts
    if (watch.searchTimer !== undefined || !watch.hasSearches || !this.#all.has(watch)) return
    watch.searchTimer = clock.setTimeout(() => {
      this.#search(watch).finally(() => {
        watch.searchTimer = undefined
        this.#searchSoon(watch)
      })
    }, bounds.watchSearchMs)
  }

  async #search(watch: Watch): Promise<void> {
    const { queries, clock } = this.#parts
    try {
      for (const run_id of await queries.search(watch.principal, watch.payload, watch.takeSearches())) {
        watch.find(run_id)
        watch.markChanged(run_id)
        watch.countsChangedAt = clock.monotonic()
      }
      this.#flushSoon(watch)
    } catch {
      // The store is unavailable. Runs with searches left are searched again.
    }
  }

  #open(watch: Watch): void {
    if (this.#current.get(watch.subscriber) !== watch) return
    watch.isOpen = true
    this.#flushSoon(watch)
    if (watch.ages) this.#ageLater(watch)
  }

  /** Regularly removes the runs that have become too old for the watch's relative time, and counts again. */
  #ageLater(watch: Watch): void {
    const { clock, bounds } = this.#parts
    watch.ageTimer = clock.setTimeout(() => {
      watch.markAged()
      watch.countsChangedAt = clock.monotonic()
      this.#flushSoon(watch)
      this.#ageLater(watch)
    }, bounds.agingMs)
  }

  /** Schedules the next event if there is anything to send. */
  #flushSoon(watch: Watch, notBefore = 0): void {
    if (!watch.isOpen || watch.isFlushing || watch.isBlocked || !watch.subscriber.connected) return
    if (!watch.hasChanges && !watch.hasOldCounts) return
    const { clock } = this.#parts
    const now = clock.monotonic()
    const at = Math.max(now, notBefore, watch.nextAt)
    if (watch.timerAt <= at) return
    this.#clearTimer(watch)
    watch.timerAt = at
    // Never sends synchronously, so that one event has all runs of a commit.
    watch.timer = clock.setTimeout(() => {
      this.#clearTimer(watch)
      void this.#flush(watch)
    }, at - now)
  }

  #clearTimer(watch: Watch): void {
    this.#parts.clock.clearTimeout(watch.timer)
    watch.timer = undefined
    watch.timerAt = Number.POSITIVE_INFINITY
  }

  async #flush(watch: Watch): Promise<void> {
    if (!this.#maySend(watch)) return
    const { queries, clock, bounds } = this.#parts
    watch.isFlushing = true
    const run_ids = watch.takeChanged(bounds.upsertsPerEvent)
    let notBefore = 0
    try {
      const [runs, counts] = await Promise.all([queries.summaries(run_ids), this.#counts(watch)])
      if (this.#maySend(watch)) this.#send(watch, run_ids, runs, counts)
      else for (const run_id of run_ids) watch.markChanged(run_id)
      // If only the counts are outdated, waits until the shared counts may be computed again.
      if (!watch.hasChanges) notBefore = watch.countedAt + bounds.countsAgeMs + 1
    } catch {
      for (const run_id of run_ids) watch.markChanged(run_id)
      notBefore = clock.monotonic() + bounds.watchdogMs
    }
    watch.isFlushing = false
    this.#flushSoon(watch, notBefore)
  }

  /** Returns true if the subscriber can receive an event now. Otherwise, `resume` continues. */
  #maySend(watch: Watch): boolean {
    if (!watch.isOpen || this.#current.get(watch.subscriber) !== watch) return false
    const { subscriber } = watch
    if (!subscriber.connected) return false
    watch.isBlocked = !subscriber.ready || subscriber.queuedBytes() > this.#parts.bounds.highWaterBytes
    return !watch.isBlocked
  }

  async #counts(watch: Watch): Promise<ViewedCounts | undefined> {
    if (!watch.hasOldCounts) return watch.counts
    const { queries, bounds } = this.#parts
    const { counts, areExact, at } = await queries.counts(watch.principal, watch.payload, bounds.countsAgeMs)
    watch.countedAt = Math.max(watch.countedAt, at)
    return viewedCounts(counts, areExact)
  }

  #send(watch: Watch, run_ids: readonly string[], runs: RunSummary[], counts = watch.counts): void {
    if (counts === undefined) return
    const { upserts, removed } = watch.divide(run_ids, runs)
    const areCountsSame = JSON.stringify(counts) === JSON.stringify(watch.counts)
    if (upserts.length === 0 && removed.length === 0 && areCountsSame) return
    const { clock, bounds } = this.#parts
    watch.counts = counts
    // A large event costs the viewer and this process more, so the next event waits longer.
    watch.nextAt = clock.monotonic() + bounds.watchEventMs + upserts.length
    const server_time = isoTime(clock.now())
    watch.subscriber.send(encodeEvent("runs.registry.event", { upserts, removed, ...counts, server_time }))
  }
}

function viewedCounts(counts: RunCounts, areExact: boolean): ViewedCounts {
  return areExact ? { counts } : { counts, counts_are_exact: false }
}
