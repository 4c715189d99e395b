import type { Principal } from "@/lib/protocol/access"
import type { Reply } from "@/lib/protocol/catalogue"
import type { ListRuns } from "@/lib/protocol/commands"
import type { RunCounts, RunSummary } from "@/lib/protocol/run"
import { type Clock, isoTime } from "@/server/platform/Clock"
import type { StoredTurns } from "@/server/registry/RegistryEvents"
import type { RunQueries } from "@/server/registry/RunQueries"
import type { FanoutBounds } from "./bounds"
import { encodeEvent, type Subscriber } from "./Subscriber"
import { Watch } from "./Watch"

type Parts = {
  reader: Pick<RunQueries, "list" | "summaries" | "counts">
  clock: Clock
  bounds: FanoutBounds
}

/**
 * Keeps watched lists current: which runs changed is noted at once, what they look like is read when it is sent. At most
 * ten events a second for each, none while the subscriber's transport takes no data.
 */
export class WatchFeed {
  readonly #parts: Parts
  /** All that changes are noted for: those whose first page is still being read, too. */
  readonly #noting = new Set<Watch>()
  readonly #current = new Map<Subscriber, Watch>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#current.size
  }

  /** Answers the first page; `begin` opens what follows it, and replaces the subscriber's watch before. */
  async watch(
    subscriber: Subscriber,
    principal: Principal,
    payload: ListRuns,
  ): Promise<{ reply: Reply<"runs.watch">; begin?: () => void }> {
    const { clock, reader, bounds } = this.#parts
    const watch = new Watch(subscriber, principal, payload, bounds.watchedRuns)
    // Note changes before reading: a run that changes in between is sent once more instead of never.
    this.#noting.add(watch)
    watch.countedAt = clock.monotonic()
    try {
      const reply = await reader.list(principal, payload)
      if (!reply.ok || !subscriber.connected) {
        this.#noting.delete(watch)
        return { reply }
      }
      for (const run of reply.runs) watch.show(run.run_id)
      watch.counts = reply.counts
      this.unwatch(subscriber)
      this.#current.set(subscriber, watch)
      return { reply, begin: () => this.#open(watch) }
    } catch (bug) {
      this.#noting.delete(watch)
      throw bug
    }
  }

  /** Ends a subscriber's watch; whether there was one. */
  unwatch(subscriber: Subscriber): boolean {
    const watch = this.#current.get(subscriber)
    if (watch === undefined) return false
    watch.isOpen = false
    this.#clearTimer(watch)
    this.#noting.delete(watch)
    return this.#current.delete(subscriber)
  }

  /** The subscriber's transport takes data again. */
  resume(subscriber: Subscriber): void {
    const watch = this.#current.get(subscriber)
    if (watch?.isBlocked !== true) return
    watch.isBlocked = false
    this.#flushSoon(watch)
  }

  /** A run changed; `counts`: in a way that may change how many there are of each state. */
  changed(run: RunSummary, counts: boolean): void {
    for (const watch of this.#noting) {
      if (!watch.mayRead(run.agent_id)) continue
      if (counts) watch.countsTouchedAt = this.#parts.clock.monotonic()
      if (watch.hasShown(run.run_id) || watch.admits(run)) watch.touch(run.run_id)
      this.#flushSoon(watch)
    }
  }

  /** A run got turns: nothing that is counted changes. */
  grew({ run_id, run }: Pick<StoredTurns, "run_id" | "run">): void {
    let summary: RunSummary | undefined
    for (const watch of this.#noting) {
      if (!watch.hasShown(run_id)) {
        summary ??= run()
        if (!watch.admits(summary)) continue
      }
      watch.touch(run_id)
      this.#flushSoon(watch)
    }
  }

  deleted(run_id: string): void {
    for (const watch of this.#noting) {
      watch.countsTouchedAt = this.#parts.clock.monotonic()
      if (watch.hasShown(run_id)) watch.touch(run_id)
      this.#flushSoon(watch)
    }
  }

  close(): void {
    for (const subscriber of [...this.#current.keys()]) this.unwatch(subscriber)
    this.#noting.clear()
  }

  #open(watch: Watch): void {
    if (this.#current.get(watch.subscriber) !== watch) return
    watch.isOpen = true
    this.#flushSoon(watch)
  }

  /** Sets the time of the next event, when there is anything to say. */
  #flushSoon(watch: Watch, notBefore = 0): void {
    if (!watch.isOpen || watch.isFlushing || watch.isBlocked || !watch.subscriber.connected) return
    if (!watch.hasChanges && !watch.hasOldCounts) return
    const { clock } = this.#parts
    const now = clock.monotonic()
    const at = Math.max(now, notBefore, watch.nextAt)
    if (watch.timerAt <= at) return
    this.#clearTimer(watch)
    watch.timerAt = at
    // Never at once: what one commit says of several runs goes together.
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
    if (!this.#takes(watch)) return
    const { reader, clock, bounds } = this.#parts
    watch.isFlushing = true
    const run_ids = watch.take(bounds.upsertsPerEvent)
    let notBefore = 0
    try {
      const [runs, counts] = await Promise.all([reader.summaries(run_ids), this.#counts(watch)])
      if (this.#takes(watch)) this.#send(watch, run_ids, runs, counts)
      else for (const run_id of run_ids) watch.touch(run_id)
      // Old counts only: new ones can be had when these are too old to be shared.
      if (!watch.hasChanges) notBefore = watch.countedAt + bounds.countsAgeMs + 1
    } catch {
      for (const run_id of run_ids) watch.touch(run_id)
      notBefore = clock.monotonic() + bounds.watchdogMs
    }
    watch.isFlushing = false
    this.#flushSoon(watch, notBefore)
  }

  /** Whether its subscriber takes an event now; if not, `ready` will go on. */
  #takes(watch: Watch): boolean {
    if (!watch.isOpen || this.#current.get(watch.subscriber) !== watch) return false
    const { subscriber } = watch
    if (!subscriber.connected) return false
    watch.isBlocked = !subscriber.ready || subscriber.queuedBytes() > this.#parts.bounds.highWaterBytes
    return !watch.isBlocked
  }

  async #counts(watch: Watch): Promise<RunCounts | undefined> {
    if (!watch.hasOldCounts) return watch.counts
    const { reader, bounds } = this.#parts
    const { counts, at } = await reader.counts(watch.principal, watch.payload, bounds.countsAgeMs)
    watch.countedAt = Math.max(watch.countedAt, at)
    return counts
  }

  #send(watch: Watch, run_ids: readonly string[], runs: RunSummary[], counts = watch.counts): void {
    if (counts === undefined) return
    const { upserts, removed } = watch.sort(run_ids, runs)
    const sameCounts = JSON.stringify(counts) === JSON.stringify(watch.counts)
    if (upserts.length === 0 && removed.length === 0 && sameCounts) return
    const { clock, bounds } = this.#parts
    watch.counts = counts
    // A large event costs its reader and this process more: the next comes later.
    watch.nextAt = clock.monotonic() + bounds.watchEventMs + upserts.length
    const server_time = isoTime(clock.now())
    watch.subscriber.send(encodeEvent("runs.registry.event", { upserts, removed, counts, server_time }))
  }
}
